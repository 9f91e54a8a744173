# gnuplot's points refer to shapes of the file's head.  As ends of lines that have no length they stand for themselves, and have a stroke
# as everything else, which is what a page gives its colours to: circle, square, triangle, diamond.
s|<use xlink:href='#gpPt6' \(transform='[^']*'\) color=\('[^']*'\)/>|<path d='M0,0h0' stroke-width='2' stroke-linecap='round' \1 stroke=\2/>|g
s|<use xlink:href='#gpPt4' \(transform='[^']*'\) color=\('[^']*'\)/>|<path d='M0,0h0' stroke-width='2' stroke-linecap='square' \1 stroke=\2/>|g
s|<use xlink:href='#gpPt8' \(transform='[^']*'\) color=\('[^']*'\)/>|<path d='M0,-.8L.7,.5L-.7,.5z' stroke-width='.9' \1 stroke=\2/>|g
s|<use xlink:href='#gpPt12' transform='\([^']*\)' color=\('[^']*'\)/>|<path d='M0,0h0' stroke-width='1.8' stroke-linecap='square' transform='\1 rotate(45)' stroke=\2/>|g
