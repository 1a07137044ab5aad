package io.lorikeet.trainer.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.trainer.files.DurableFiles;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The curves of a run as pictures, {@code images/*.png}, from the rows of its log. */
public final class Plots {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    /** Weight of what came before in the smoothed line, as TensorBoard's. */
    private static final double SMOOTHING = 0.9;

    private static final Color RAW = new Color(0xA8C5E8);
    private static final Color LINE = new Color(0x1F5FA8);
    private static final String STEP = "global_step/max_steps";

    /** What is drawn: a field of the log, the file's name, the title, whether a smoothed line goes through it. */
    private enum Curve {
        LOSS("loss", "train_loss", "Loss", true),
        LEARNING_RATE("learning_rate", "train_learning_rate", "Learning rate", false),
        GRAD_NORM("grad_norm", "train_grad_norm", "Gradient norm", true),
        TOKEN_ACC("token_acc", "train_token_acc", "Token accuracy", true),
        EVAL_LOSS("eval_loss", "eval_loss", "Evaluation loss", false),
        EVAL_TOKEN_ACC("eval_token_acc", "eval_token_acc", "Evaluation token accuracy", false);

        private final String field;
        private final String file;
        private final String title;
        private final boolean smoothed;

        Curve(String field, String file, String title, boolean smoothed) {
            this.field = field;
            this.file = file;
            this.title = title;
            this.smoothed = smoothed;
        }
    }

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private Plots() {}

    /**
     * Draws every curve that the rows have points of.
     *
     * @param run the run's folder
     * @return why there are no pictures, where the system lacks what drawing needs, for example fonts
     */
    public static Optional<String> draw(Path run, List<JsonNode> log) {
        try {
            Path images = Files.createDirectories(run.resolve("images"));
            for (Curve curve : Curve.values()) {
                List<JsonNode> rows = log.stream()
                        .filter(row -> row.path(curve.field).isNumber())
                        .filter(row -> Double.isFinite(row.get(curve.field).doubleValue()))
                        .toList();
                if (!rows.isEmpty()) {
                    var picture = new ByteArrayOutputStream();
                    ImageIO.write(BitmapEncoder.getBufferedImage(chart(curve, rows)), "png", picture);
                    DurableFiles.write(images.resolve(curve.file + ".png"), picture.toByteArray());
                }
            }
            return Optional.empty();
        } catch (IOException | RuntimeException | LinkageError | InternalError e) {
            return Optional.of("the plots could not be drawn: " + e);
        }
    }

    private static XYChart chart(Curve curve, List<JsonNode> rows) {
        double[] steps = rows.stream().mapToDouble(Plots::step).toArray();
        double[] values = rows.stream()
                .mapToDouble(row -> row.get(curve.field).doubleValue())
                .toArray();
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .theme(ChartTheme.XChart)
                .title(curve.title)
                .xAxisTitle("optimiser step")
                .build();
        chart.getStyler()
                .setMarkerSize(5)
                .setLegendPosition(LegendPosition.InsideNE)
                .setLegendVisible(curve.smoothed)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false);
        chart.getStyler().setXAxisDecimalPattern("#");
        add(chart, "logged", steps, values, curve.smoothed ? RAW : LINE);
        if (curve.smoothed) {
            add(chart, "smoothed", steps, smooth(values), LINE);
        }
        return chart;
    }

    private static void add(XYChart chart, String name, double[] x, double[] y, Color color) {
        XYSeries series = chart.addSeries(name, x, y);
        series.setLineColor(color);
        series.setLineStyle(new BasicStroke(2f));
        series.setMarkerColor(color);
        // a point alone is no line; many points hide it
        series.setMarker(x.length <= 40 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    }

    private static double step(JsonNode row) {
        String step = row.path(STEP).asText();
        return Double.parseDouble(step.substring(0, step.indexOf('/')));
    }

    /** An exponential mean without the pull of its start towards 0. */
    static double[] smooth(double[] values) {
        double[] smoothed = new double[values.length];
        double mean = 0;
        double weight = 0;
        for (int i = 0; i < values.length; i++) {
            mean = SMOOTHING * mean + (1 - SMOOTHING) * values[i];
            weight = SMOOTHING * weight + (1 - SMOOTHING);
            smoothed[i] = mean / weight;
        }
        return smoothed;
    }
}
