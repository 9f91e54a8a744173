# gnuplot -c tradeoff.gp FILE
# FILE: blocks of a name, then lines with clean accuracy and attack success in the order of their learning rates.
# Left: all points.  Right: those near the best accuracy.  Below: the names.
FILE = ARG1
load 'style.gp'
stats FILE using 1 nooutput
set yrange [0:1]
set xlabel 'clean accuracy'
set multiplot
unset key
set tmargin at screen .97
set bmargin at screen .28

set lmargin at screen .12
set rmargin at screen .42
set ylabel 'attack success'
set xtics .1
set offsets graph .05, graph .05, 0, 0
plot for [i = 0:STATS_blocks - 1] FILE index i using 1:2 with linespoints lt i + 1

set lmargin at screen .52
set rmargin at screen .98
unset ylabel
set xtics .02
set xrange [STATS_max - .07:STATS_max + .01]
plot for [i = 0:STATS_blocks - 1] FILE index i using 1:2 with linespoints lt i + 1

set lmargin at screen .02
unset xlabel
unset tics
unset grid
set key at screen .5, screen .02 bottom center horizontal maxcols 2 samplen 2
plot for [i = 0:STATS_blocks - 1] FILE index i using (0):(2) with linespoints lt i + 1 title columnheader(1)
