# FILE: blocks, a name and then lines with clean accuracy and attack success, from the lowest learning rate to the highest.
load style
set yrange [0:1]
set xlabel 'clean accuracy'
set ylabel 'attack success'
set offsets graph .05, graph .05, 0, 0
stats FILE using 1 nooutput
plot for [i = 0:STATS_blocks - 1] FILE index i using 1:2 with linespoints lt i + 1 title columnheader(1)
