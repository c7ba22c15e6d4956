# Draws ladder.svg and ladder.pdf from ladder.csv:  gnuplot ladder.gp
set encoding utf8
set datafile separator ','
set datafile missing '?'
set terminal svg noenhanced size 820,338 font 'sans-serif,14' background rgb 'white'
set output 'ladder.svg'
set xlabel 'GFLOP/s (logarithmic)'
set yrange [0.4:7.6]
set border 1 linecolor rgb '#808080'
set tics nomirror
set xtics out scale 0.6 textcolor rgb '#404040'
set ytics scale 0 textcolor rgb '#202020'
set ytics ('1_python' 7, '2_java' 6, '3_c' 5, '4_parallel_loops' 4, '5_divide_and_conquer' 3, '6_vectorized' 2, '7_avx' 1)
set format x '%g'
set grid xtics linecolor rgb '#E4E4E4' linewidth 0.6
set logscale x
set xrange [0.003204658834:6086.931167]
set xtics 10
set key above left horizontal Left reverse samplen 1.2 spacing 1.1
set object rectangle from 192.4019558, graph 0 to 206.426425, graph 1 behind fillcolor rgb '#EEEEEE' fillstyle solid noborder
set arrow from 199.2908626, graph 0 to 199.2908626, graph 1 nohead back dashtype 2 linecolor rgb '#5A5A5A'
set label 'FMA peak 199' at 199.2908626, graph 1 right offset -0.6, -0.8 textcolor rgb '#5A5A5A'
set label 'wrong answer' at graph 0.01, first 2 left textcolor rgb '#5A5A5A'
set label 'unsupported' at graph 0.01, first 1 left textcolor rgb '#5A5A5A'
file = 'ladder.csv'
plot file every ::1 using 3:1:5:6 with xerrorbars pointtype 7 pointsize 0.9 linewidth 1.5 linecolor rgb '#0072B2' title 'measured', \
     file every ::1 using 4:1:5:6 with xerrorbars pointtype 6 pointsize 0.9 linewidth 1.5 linecolor rgb '#0072B2' title 'modelled', \
     file every ::1 using 7:1 with points pointtype 12 pointsize 1.2 linewidth 1.5 linecolor rgb '#D55E00' title 'published', \
     file every ::1 using 9:1:8 with labels left offset 0.9, 0 textcolor rgb '#0072B2' notitle, \
     file every ::1 using 10:1:8 with labels right offset -0.9, 0 textcolor rgb '#0072B2' notitle
if (strstrt(GPVAL_TERMINALS, 'pdfcairo') > 0) {
  set terminal pdfcairo noenhanced size 7.0in,2.89in font 'sans-serif,10'
  set output 'ladder.pdf'
  replot
}
unset output
