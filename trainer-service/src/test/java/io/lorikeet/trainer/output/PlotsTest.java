package io.lorikeet.trainer.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlotsTest {
    @TempDir
    Path folder;

    @Test
    void drawsACurveForEachFigureOfTheLog() throws IOException {
        var random = new Random(1);
        List<JsonNode> log = new ArrayList<>();
        for (int step = 5; step <= 400; step += 5) {
            var row = JsonNodeFactory.instance
                    .objectNode()
                    .put("loss", 3 * Math.exp(-step / 120.0) + 0.1 * random.nextGaussian())
                    .put("grad_norm", 1 + 0.3 * random.nextDouble())
                    .put("learning_rate", 1e-4 * 0.5 * (1 + Math.cos(Math.PI * step / 400)))
                    .put("token_acc", 1 - Math.exp(-step / 100.0))
                    .put("global_step/max_steps", step + "/400");
            log.add(row);
            if (step % 50 == 0) {
                log.add(JsonNodeFactory.instance
                        .objectNode()
                        .put("eval_loss", 2.5 * Math.exp(-step / 150.0))
                        .put("global_step/max_steps", step + "/400"));
            }
        }

        assertThat(Plots.draw(folder, log)).isEmpty();

        assertThat(folder.resolve("images"))
                .isDirectoryNotContaining("glob:**.tmp")
                .isDirectoryContaining("glob:**/train_token_acc.png");
        for (String name : List.of("train_loss", "train_learning_rate", "train_grad_norm", "eval_loss")) {
            BufferedImage image =
                    ImageIO.read(folder.resolve("images/" + name + ".png").toFile());
            assertThat(image.getWidth()).isEqualTo(960);
            assertThat(colours(image)).as("%s is no empty picture", name).isGreaterThan(10);
        }
    }

    @Test
    void aLogWithoutEvaluationsHasNoPictureOfThem() {
        List<JsonNode> log =
                List.of(JsonNodeFactory.instance.objectNode().put("loss", 1.0).put("global_step/max_steps", "1/1"));

        assertThat(Plots.draw(folder, log)).isEmpty();

        assertThat(folder.resolve("images/train_loss.png")).isNotEmptyFile();
        assertThat(folder.resolve("images/eval_loss.png")).doesNotExist();
    }

    @Test
    void theSmoothedLineBeginsAtTheFirstValueAndFollowsSlowly() {
        double[] smoothed = Plots.smooth(new double[] {2, 2, 0, 0});

        assertThat(smoothed[0]).isEqualTo(2);
        assertThat(smoothed[1]).isEqualTo(2);
        assertThat(smoothed[3]).isBetween(0.8, 1.2);
    }

    private static long colours(BufferedImage image) {
        return java.util.stream.IntStream.range(0, image.getWidth() * image.getHeight())
                .map(i -> image.getRGB(i % image.getWidth(), i / image.getWidth()))
                .distinct()
                .count();
    }
}
