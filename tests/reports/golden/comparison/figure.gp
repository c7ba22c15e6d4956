# Draws comparison.svg and comparison.pdf from comparison.csv:  gnuplot comparison.gp
set encoding utf8
set datafile separator ','
set datafile missing '?'
set terminal svg noenhanced size 820,284 font 'sans-serif,14' background rgb 'white'
set output 'comparison.svg'
set xlabel 'latency_s, ms (logarithmic)'
set yrange [0.4:6.6]
set border 1 linecolor rgb '#808080'
set tics nomirror
set xtics out scale 0.6 textcolor rgb '#404040'
set ytics scale 0 textcolor rgb '#202020'
set ytics ('fp32, batch 1' 6, 'fp32, batch 64' 5, 'bf16, batch 1' 4, 'bf16, batch 64' 3, 'int8, batch 1' 2, 'int8, batch 64' 1)
set format x '%g'
set grid xtics linecolor rgb '#E4E4E4' linewidth 0.6
set logscale x
set xrange [0.3410102601:101.6200683]
set xtics 10
set key off
set label 'crashed' at graph 0.01, first 3 left textcolor rgb '#5A5A5A'
file = 'comparison.csv'
plot file every ::1 using 3:1:5:6 with xerrorbars pointtype 7 pointsize 0.9 linewidth 1.5 linecolor rgb '#0072B2' title 'measured', \
     file every ::1 using 9:1:8 with labels left offset 0.9, 0 textcolor rgb '#0072B2' notitle
if (strstrt(GPVAL_TERMINALS, 'pdfcairo') > 0) {
  set terminal pdfcairo noenhanced size 7.0in,2.42in font 'sans-serif,10'
  set output 'comparison.pdf'
  replot
}
unset output
