package io.lorikeet.engine.program;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The state of one TorchScript module as the pickle that libtorch reads: an object of the class with its attributes, in the
 * order they were added. Written by hand in pickle protocol 2, since a module made here has no Python to make it.
 *
 * @see <a href="https://docs.python.org/3/library/pickletools.html">pickletools, which names the opcodes</a>
 */
final class ModuleState {
    private static final String PACKAGE = "torch.jit._pickle";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ModuleState(String module, String className) {
        out.writeBytes(new byte[] {(byte) 0x80, 2});
        global(module, className);
        // EMPTY_TUPLE NEWOBJ EMPTY_DICT MARK: an object without constructor arguments, then its attributes
        out.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
        with("training", false);
    }

    ModuleState with(String name, boolean value) {
        string(name);
        out.write(value ? 0x88 : 0x89);
        return this;
    }

    ModuleState with(String name, int value) {
        string(name);
        integer(value);
        return this;
    }

    ModuleState with(String name, double value) {
        string(name);
        out.write('G');
        out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(value).array());
        return this;
    }

    ModuleState with(String name, String value) {
        string(name);
        string(value);
        return this;
    }

    ModuleState with(String name, List<Integer> values) {
        string(name);
        global(PACKAGE, "build_intlist");
        out.write(']');
        out.write('(');
        values.forEach(this::integer);
        out.write('e');
        call();
        return this;
    }

    ModuleState withEmptyTensorList(String name) {
        string(name);
        global(PACKAGE, "build_tensorlist");
        out.write(']');
        call();
        return this;
    }

    /** The finished pickle: SETITEMS BUILD STOP. */
    byte[] toBytes() {
        out.writeBytes(new byte[] {'u', 'b', '.'});
        return out.toByteArray();
    }

    private void global(String module, String name) {
        out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** TUPLE1 REDUCE: calls the function below the top of the stack with what is on top. */
    private void call() {
        out.writeBytes(new byte[] {(byte) 0x85, 'R'});
    }

    private void integer(int value) {
        out.write('J');
        littleEndian(value);
    }

    private void string(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        littleEndian(bytes.length);
        out.writeBytes(bytes);
    }

    private void littleEndian(int value) {
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }
}
