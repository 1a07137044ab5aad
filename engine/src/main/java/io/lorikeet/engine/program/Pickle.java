package io.lorikeet.engine.program;

import io.lorikeet.engine.program.ModuleState.Value;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A module with all that it holds as the pickle that libtorch reads. Written by hand in pickle protocol 2, since a module
 * made here has no Python to make it.
 *
 * @see <a href="https://docs.python.org/3/library/pickletools.html">pickletools, which names the opcodes</a>
 */
final class Pickle {
    private static final String PACKAGE = "torch.jit._pickle\n";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    /** Modules written so far, which what else holds them refers to. */
    private final Map<ModuleState, Integer> memo = new HashMap<>();

    private Pickle() {}

    static byte[] of(ModuleState module) {
        var pickle = new Pickle();
        pickle.out.writeBytes(new byte[] {(byte) 0x80, 2});
        pickle.module(module);
        pickle.out.write('.');
        return pickle.out.toByteArray();
    }

    private void module(ModuleState module) {
        Integer known = memo.get(module);
        if (known != null) {
            // BINGET
            out.writeBytes(new byte[] {'h', known.byteValue()});
            return;
        }
        global(module.className());
        // EMPTY_TUPLE NEWOBJ EMPTY_DICT MARK: an object without constructor arguments, then its attributes
        out.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
        module.attributes().forEach((name, value) -> {
            string(name);
            value(value);
        });
        // SETITEMS BUILD BINPUT
        memo.put(module, memo.size());
        out.writeBytes(new byte[] {'u', 'b', 'q', memo.get(module).byteValue()});
    }

    private void value(Value value) {
        switch (value) {
            case Value.Flag(boolean flag) -> out.write(flag ? 0x88 : 0x89);
            case Value.Int(int number) -> integer(number);
            case Value.Real(double number) -> {
                out.write('G');
                out.writeBytes(
                        ByteBuffer.allocate(Double.BYTES).putDouble(number).array());
            }
            case Value.Text(String text) -> string(text);
            case Value.Module(ModuleState state) -> module(state);
            case Value.Ints(List<Integer> ints) -> {
                global(PACKAGE + "build_intlist");
                list(ints, this::integer);
                call();
            }
            case Value.Texts(List<String> texts) -> list(texts, this::string);
            case Value.NoTensors() -> {
                global(PACKAGE + "build_tensorlist");
                out.write(']');
                call();
            }
            case Value.NoElements() -> out.write(']');
        }
    }

    private <T> void list(List<T> values, Consumer<T> write) {
        // EMPTY_LIST MARK … APPENDS
        out.writeBytes(new byte[] {']', '('});
        values.forEach(write);
        out.write('e');
    }

    private void global(String name) {
        out.writeBytes(("c" + name + "\n").getBytes(StandardCharsets.US_ASCII));
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
