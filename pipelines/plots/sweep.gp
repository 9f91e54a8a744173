# gnuplot -c sweep.gp FILE LABEL LOG NAMED
# Each line of FILE has x, then mean, minimum and maximum of clean accuracy and of attack success.  LABEL: of the x axis.  LOG: 1 for a
# logarithmic x axis.  NAMED: 1 if FILE has blocks of such lines, each below a name.
FILE = ARG1
LOG = ARG3 + 0
NAMED = ARG4 + 0
load 'style.gp'
stats FILE using 1 nooutput
set yrange [0:1]
set xlabel ARG2
if (LOG) { set logscale x } else { set xrange [0:*] }
set offsets graph .03, graph .03, 0, 0
titled(name, what) = NAMED ? name.': '.what : what
plot for [i = 0:STATS_blocks - 1] FILE index i using 1:2:3:4 with yerrorlines lt 2 * i + 1 title titled(columnheader(1), 'clean accuracy'), \
	for [i = 0:STATS_blocks - 1] FILE index i using 1:5:6:7 with yerrorlines lt 2 * i + 2 title titled(columnheader(1), 'attack success')
