# gnuplot draws points as references to shapes in <defs>.  This replaces them by paths whose stroke a page can colour: a circle, square
# or diamond is the cap of a line without length, a triangle is a closed path.
s|<use xlink:href='#gpPt6' \(transform='[^']*'\) color=\('[^']*'\)/>|<path d='M0,0h0' stroke-width='2' stroke-linecap='round' \1 stroke=\2/>|g
s|<use xlink:href='#gpPt4' \(transform='[^']*'\) color=\('[^']*'\)/>|<path d='M0,0h0' stroke-width='2' stroke-linecap='square' \1 stroke=\2/>|g
s|<use xlink:href='#gpPt8' \(transform='[^']*'\) color=\('[^']*'\)/>|<path d='M0,-.8L.7,.5L-.7,.5z' stroke-width='.9' \1 stroke=\2/>|g
s|<use xlink:href='#gpPt12' transform='\([^']*\)' color=\('[^']*'\)/>|<path d='M0,0h0' stroke-width='1.8' stroke-linecap='square' transform='\1 rotate(45)' stroke=\2/>|g
