package io.lorikeet.engine.program;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Optional;
import java.util.function.Function;

/**
 * A loaded TorchScript module and the two ways to call it. All calls come from the one thread that opened it.
 *
 * <ul>
 *   <li>{@link #infer}: under inference mode, with numbers and tensors as arguments;
 *   <li>{@link #differentiate}: with autograd, tensors only. What training touches must be made this way.
 * </ul>
 */
final class TorchModule implements AutoCloseable {
    private final NDManager manager;
    private final Model model;
    private final PtSymbolBlock block;
    private final Optional<CudaStream> stream;
    private final Thread owner = Thread.currentThread();

    TorchModule(InputStream archive, Device device) {
        // DJL reports usage to its makers unless told not to; a model server must not talk to strangers.
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
        // Arguments and results live in host memory; the module itself knows its device.
        stream = device.isCuda() ? Optional.of(openStream(device)) : Optional.empty();
        manager = NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch");
        model = Model.newInstance("decoder", device.toDjl(), "PyTorch");
        try {
            model.load(archive);
        } catch (IOException | ai.djl.MalformedModelException | RuntimeException e) {
            close();
            throw new EngineException("the numeric program cannot be loaded on " + device.torchName(), e);
        }
        block = (PtSymbolBlock) model.getBlock();
        // Both settings are per thread. Without the profiling executor the first call is as fast as the later ones.
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(true);
    }

    /** Refuses a device that cannot be used before anything is loaded. */
    private static CudaStream openStream(Device device) {
        CudaDriver driver = CudaDriver.forDevice(device);
        CudaStream.requireCudaTorch(device);
        // a thread begins with the first device as its own
        driver.makeCurrent(device);
        try (NDManager first = NDManager.newBaseManager(device.toDjl(), "PyTorch")) {
            first.zeros(new Shape(1));
            return CudaStream.open(driver, device);
        }
    }

    /** The stream on which the module's device gets its work; none on the processor. */
    Optional<CudaStream> stream() {
        return stream;
    }

    /** Calls a method in inference mode; {@code read} takes what it needs from the result. */
    <T> T infer(String method, Function<IValue, T> read, IValue... arguments) {
        checkThread();
        try (IValue result = IValueUtils.runMethod(block, method, arguments)) {
            return read.apply(result);
        } catch (ai.djl.engine.EngineException e) {
            throw failure(method, e);
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    /** Calls a method in inference mode for its effect. */
    void infer(String method, IValue... arguments) {
        infer(method, result -> null, arguments);
    }

    /** Calls a method in inference mode, for another module to have its result. */
    IValue share(String method) {
        checkThread();
        try {
            return IValueUtils.runMethod(block, method);
        } catch (ai.djl.engine.EngineException e) {
            throw failure(method, e);
        }
    }

    /**
     * Calls a method with autograd. Arguments are made by {@code arguments} in a scope that ends with the call; arrays
     * named {@code xs[]} become one list.
     *
     * @return the elements of the first resulting tensor, which must be float32
     */
    float[] differentiate(String method, Function<Tensors, NDList> arguments) {
        return differentiate(method, arguments, result -> result.head().toFloatArray());
    }

    /** Calls a method with autograd for its effect. */
    void apply(String method, Function<Tensors, NDList> arguments) {
        differentiate(method, arguments, result -> null);
    }

    private <T> T differentiate(String method, Function<Tensors, NDList> arguments, Function<NDList, T> read) {
        checkThread();
        try (var scope = new Tensors(manager)) {
            NDList list = new NDList(scope.name("module_method:" + method));
            list.addAll(arguments.apply(scope));
            return read.apply(IValueUtils.forward(block, list, true));
        } catch (ai.djl.engine.EngineException e) {
            throw failure(method, e);
        }
    }

    /** A scope for the tensors of one call. */
    Tensors tensors() {
        return new Tensors(manager);
    }

    private static EngineException failure(String method, ai.djl.engine.EngineException e) {
        String message = "the numeric program failed in " + method + ": " + lastLine(e.getMessage());
        return OutOfMemoryException.tellsOf(e.getMessage())
                ? new OutOfMemoryException(message, e)
                : new EngineException(message, e);
    }

    /** libtorch ends a TorchScript traceback with what went wrong. */
    private static String lastLine(String message) {
        String text = message == null ? "no message" : message.strip();
        return text.substring(text.lastIndexOf('\n') + 1);
    }

    private void checkThread() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("the model belongs to thread " + owner.getName() + ", called from "
                    + Thread.currentThread().getName());
        }
    }

    @Override
    public void close() {
        model.close();
        manager.close();
        stream.ifPresent(CudaStream::close);
    }

    /** Makes tensors in host memory and frees them all when it is closed. */
    static final class Tensors implements AutoCloseable {
        private final PtNDManager manager;

        private Tensors(NDManager parent) {
            manager = (PtNDManager) parent.newSubManager();
        }

        PtNDArray of(long... values) {
            return manager.create(LongBuffer.wrap(values), new Shape(values.length), DataType.INT64);
        }

        PtNDArray of(double... values) {
            return (PtNDArray) manager.create(values);
        }

        /** Row-major; for an empty shape a scalar. */
        PtNDArray of(float[] values, long... shape) {
            return manager.create(FloatBuffer.wrap(values), new Shape(shape), DataType.FLOAT32);
        }

        /** The native memory itself, not a copy, row-major float32. */
        PtNDArray of(MemorySegment floats, long... shape) {
            return manager.create(floats.asByteBuffer(), new Shape(shape), DataType.FLOAT32);
        }

        /** The native memory itself, not a copy, row-major. */
        PtNDArray bytes(MemorySegment bytes, long... shape) {
            return manager.create(bytes.asByteBuffer(), new Shape(shape), DataType.UINT8);
        }

        /** The bytes themselves, not a copy, if the buffer is direct. */
        PtNDArray of(ByteBuffer bytes) {
            return manager.create(bytes, new Shape(bytes.remaining()), DataType.UINT8);
        }

        /** Memory that is somebody else's. */
        PtNDArray over(long address, NativeTensors.Form form, Device device) {
            return NativeTensors.over(address, form, device, manager);
        }

        NDArray name(String name) {
            NDArray array = manager.create(new float[1]);
            array.setName(name);
            return array;
        }

        /** The arrays as one list argument called {@code name}. */
        NDList list(String name, Iterable<PtNDArray> arrays) {
            NDList list = new NDList();
            for (PtNDArray array : arrays) {
                array.setName(name + "[]");
                list.add(array);
            }
            return list;
        }

        PtNDArray tensor(IValue value) {
            return value.toTensor(manager);
        }

        /** The elements of a list. */
        PtNDArray[] tensors(IValue value) {
            return value.toTensorArray(manager);
        }

        float[] floats(IValue value) {
            return tensor(value).toFloatArray();
        }

        long[] longs(IValue value) {
            return tensor(value).toLongArray();
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
