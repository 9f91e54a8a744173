# What all figures share.  Colours that can be read on white and on black; only numbers and words of ours come in.
set terminal svg size 560,360 noenhanced font 'sans-serif,12' butt
set encoding utf8
set border 3 lc rgb '#8a8f98'
set tics nomirror textcolor rgb '#8a8f98'
set grid lc rgb '#8a8f98' lw .3
set key textcolor rgb '#8a8f98' samplen 2
set title textcolor rgb '#8a8f98'
set xlabel textcolor rgb '#8a8f98'
set ylabel textcolor rgb '#8a8f98'
set linetype 1 lc rgb '#3b82c4' lw 2 pt 7 ps .6
set linetype 2 lc rgb '#d9772b' lw 2 pt 5 ps .6
set linetype 3 lc rgb '#2f9e6e' lw 2 pt 9 ps .7
set linetype 4 lc rgb '#b05cc8' lw 2 pt 13 ps .7
set linetype 5 lc rgb '#8a8f98' lw 2 pt 2 ps .7
set linetype cycle 5
