# Style of all figures.  Colours are placeholders: colours.xml and `cc-view report` give rgb 1, N, 0 the value of colour N.
set terminal svg size 560,360 noenhanced font 'sans-serif,12' butt
set encoding utf8
set border 0
set tics scale 0 nomirror
set grid lt 1 lw .6 lc rgb '#010000'
set key outside below horizontal samplen 2
set linetype 1 lc rgb '#010100' lw 1.8 pt 7 ps .6
set linetype 2 lc rgb '#010200' lw 1.8 pt 5 ps .6
set linetype 3 lc rgb '#010300' lw 1.8 pt 9 ps .7
set linetype 4 lc rgb '#010400' lw 1.8 pt 13 ps .7
set linetype cycle 4
