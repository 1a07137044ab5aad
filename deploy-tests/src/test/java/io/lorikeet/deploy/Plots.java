package io.lorikeet.deploy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws a dashboard's panels as a picture, three in a row. */
final class Plots {
    private static final int WIDTH = 520;
    private static final int HEIGHT = 300;
    private static final int COLUMNS = 3;
    private static final double GIB = 1L << 30;

    /** A series under its legend. */
    record Curve(String legend, PrometheusServer.Series series) {}

    private Plots() {}

    static void draw(Map<Dashboards.Panel, List<Curve>> panels, Path file) throws IOException {
        int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
        var image = new BufferedImage(COLUMNS * WIDTH, rows * HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        int index = 0;
        for (var panel : panels.entrySet()) {
            Graphics2D place =
                    (Graphics2D) graphics.create(index % COLUMNS * WIDTH, index / COLUMNS * HEIGHT, WIDTH, HEIGHT);
            chart(panel.getKey(), panel.getValue()).paint(place, WIDTH, HEIGHT);
            place.dispose();
            index++;
        }
        graphics.dispose();
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    private static XYChart chart(Dashboards.Panel panel, List<Curve> curves) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(panel.title())
                .build();
        chart.getStyler().setYAxisTickLabelsFormattingFunction(value -> label(value, panel.unit()));
        if (panel.fromZero()) {
            chart.getStyler().setYAxisMin(0.0);
        }
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        chart.getStyler().setDatePattern("HH:mm:ss");
        chart.getStyler().setLegendVisible(curves.size() <= 12);
        int number = 0;
        for (Curve curve : curves) {
            var times = new ArrayList<Date>();
            var values = new ArrayList<Double>();
            for (int i = 0; i < curve.series().values().size(); i++) {
                Instant time = curve.series().times().get(i);
                if (Double.isFinite(curve.series().values().get(i))) {
                    times.add(Date.from(time));
                    values.add(curve.series().values().get(i));
                }
            }
            if (!values.isEmpty()) {
                // the chart wants a name of its own for each
                String name = chart.getSeries(curve.legend()) != null ? curve.legend() + " " + number : curve.legend();
                chart.addSeries(name.isEmpty() ? "all " + number : name, times, values)
                        .setMarker(SeriesMarkers.NONE);
            }
            number++;
        }
        return chart;
    }

    /** As Grafana writes a value of a panel's unit. */
    private static String label(double value, String unit) {
        return switch (unit) {
            case "bytes" -> value >= GIB ? number(value / GIB) + " GiB" : number(value / (1 << 20)) + " MiB";
            case "percentunit" -> number(value * 100) + " %";
            case "sci" -> String.format(Locale.ROOT, "%.1e", value);
            case "none", "short", "" -> number(value);
            case "reqps" -> number(value) + " req/s";
            default -> number(value) + " " + unit;
        };
    }

    private static String number(double value) {
        return BigDecimal.valueOf(value)
                .round(new MathContext(3))
                .stripTrailingZeros()
                .toPlainString();
    }
}
