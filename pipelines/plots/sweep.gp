# FILE: x, then mean, lowest, highest of clean accuracy and of attack success, a line each.  WHAT: what x is.
load style
set yrange [0:1]
set xlabel WHAT
if (LOG) { set logscale x } else { set xrange [0:*] }
set offsets graph .03, graph .03, 0, 0
plot FILE using 1:2:3:4 with yerrorlines lt 1 title 'clean accuracy', '' using 1:5:6:7 with yerrorlines lt 2 title 'attack success'
