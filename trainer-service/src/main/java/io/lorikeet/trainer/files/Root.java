package io.lorikeet.trainer.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A folder in which callers name files, relative to it or absolute. What a name leads to, links and {@code ..} followed, has
 * to lie in the folder; else it is not there, and a caller cannot tell the two apart.
 *
 * <p>A person who runs a tool on his own files is no caller: his names lead anywhere ({@link #anywhere}).
 */
public final class Root {
    private static final int SHOWN = 200;
    private static final int LONGEST_NAME = 255;

    private final Optional<Path> folder;
    private final Optional<String> setting;

    private Root(Optional<Path> folder, Optional<String> setting) {
        this.folder = folder;
        this.setting = setting;
    }

    /**
     * Only what lies in the folder.
     *
     * @param folder empty: nothing is there
     * @param setting what it is configured with, for messages
     */
    public static Root of(Optional<Path> folder, String setting) {
        return new Root(folder, Optional.of(setting));
    }

    /** Everything that this process may read; relative names begin in the folder. */
    public static Root anywhere(Path folder) {
        return new Root(Optional.of(folder), Optional.empty());
    }

    /** The real path of what is named, if it is there and may be read. */
    public Optional<Path> find(String name) {
        return folder.flatMap(from -> {
            try {
                Path real = from.resolve(name).toRealPath();
                return holds(real) && Files.isReadable(real) ? Optional.of(real) : Optional.empty();
            } catch (InvalidPathException | IOException e) {
                return Optional.empty();
            }
        });
    }

    /** The same for a folder whose files are read by names that no caller chose: none of them leads out either. */
    public Optional<Path> findFolder(String name) {
        return find(name).filter(Files::isDirectory).filter(found -> {
            try {
                for (Path entry : DurableFiles.list(found)) {
                    if (!holds(entry.toRealPath())) {
                        return false;
                    }
                }
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** Where a new folder of this name is to be made, if that is beneath this one. */
    public Optional<Path> place(String name) {
        return folder.flatMap(from -> {
            try {
                Path root = from.toAbsolutePath().normalize();
                Path place = root.resolve(name).normalize();
                boolean beneath = place.startsWith(root) && !place.equals(root);
                return beneath
                                && canBeMade(root.relativize(place))
                                && holds(firstThere(place).toRealPath())
                        ? Optional.of(place)
                        : Optional.empty();
            } catch (InvalidPathException | IOException e) {
                return Optional.empty();
            }
        });
    }

    /** The one way to say that a name leads to nothing, whatever the reason. */
    public String missing(String name) {
        return setting.map(variable -> "'%s' not found: it has to lie in the trainer's folder %s, links followed"
                        .formatted(shown(name), variable))
                .orElseGet(() -> "'%s' not found: there is no file %s".formatted(shown(name), shown(absolute(name))));
    }

    private String absolute(String name) {
        try {
            return folder.orElseThrow().resolve(name).toString();
        } catch (InvalidPathException e) {
            return "of such a name";
        }
    }

    /** A caller's text for a message: a short one on one line. */
    public static String shown(String text) {
        if (text.length() <= SHOWN && text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            return text;
        }
        String printable = text.replaceAll("[\\p{Cntrl}&&[^\t]]", "\uFFFD");
        return printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "…";
    }

    private boolean holds(Path real) throws IOException {
        return setting.isEmpty() || real.startsWith(folder.orElseThrow().toRealPath());
    }

    /** The place, or the nearest folder above it that is there. */
    private static Path firstThere(Path place) {
        Path there = place;
        while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
            there = there.getParent();
        }
        return there;
    }

    private static boolean canBeMade(Path relative) {
        for (Path name : relative) {
            if (name.toString().getBytes(UTF_8).length > LONGEST_NAME) {
                return false;
            }
        }
        return true;
    }
}
