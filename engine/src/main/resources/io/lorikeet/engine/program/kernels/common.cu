// What the kernels of a decode step share. NVRTC compiles these files for one model and one device when the model is loaded
// (io.lorikeet.engine.program.KernelSource); there are no headers but what is here.
//
// Given from outside: HIDDEN, HEADS, KV_HEADS, HEAD_DIM, INTERMEDIATE, VOCAB: the model's sizes · RANK_ROWS: the adapters' (ADR 20)
// SLOTS: cache slots · BLOCKS: multiprocessors · SHARED: bytes of shared memory a block may have · QKV_SLICES, O_SLICES, DOWN_SLICES
//
// Legend: n running sequences, one token each · activations bfloat16 [n, …] · the residual stream float32 [n, HIDDEN]

typedef unsigned short bf16;
typedef unsigned int u32;
typedef long long i64;
#define DEVICE __device__ __forceinline__
#define NO_LIMIT __int_as_float(0x7f800000)

constexpr int HEAD_GROUP = HEADS / KV_HEADS;
constexpr int QKV = (HEADS + 2 * KV_HEADS) * HEAD_DIM;
constexpr int ceil_div(int a, int b) { return (a + b - 1) / b; }
constexpr int smaller(int a, int b) { return a < b ? a : b; }
constexpr int larger(int a, int b) { return a < b ? b : a; }

DEVICE float to_float(bf16 v) { return __uint_as_float((u32)v << 16); }
DEVICE float low(u32 v) { return __uint_as_float(v << 16); }
DEVICE float high(u32 v) { return __uint_as_float(v & 0xffff0000u); }
// two numbers to bfloat16, to the nearest, `a` in the lower half
DEVICE u32 pack(float a, float b) {
    u32 r;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(b), "f"(a));
    return r;
}
DEVICE bf16 to_bf16(float v) { return (bf16)pack(v, 0.f); }

// Programmatic dependent launch: the next kernel may begin what does not depend on this one, and waits for it where it does.
DEVICE void let_next_begin() {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}
DEVICE void await_previous() {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

DEVICE u32 shared_address(const void* p) { return (u32)__cvta_generic_to_shared(p); }
// 16 bytes to shared memory, asynchronously; zeros if not `there`
DEVICE void copy16(u32 to, const void* from, bool there) {
    int bytes = there ? 16 : 0;
    asm volatile("cp.async.cg.shared.global.L2::256B [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}
DEVICE void prefetch(const void* p) { asm volatile("prefetch.global.L2 [%0];" ::"l"(p)); }
DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int PENDING> DEVICE void await_copies() { asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory"); }

DEVICE void load_matrices(u32 (&r)[4], u32 address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address) : "memory");
}
DEVICE void load_matrices_transposed(u32 (&r)[4], u32 address) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address) : "memory");
}
// c [16, 8] += a [16, 16] · b [16, 8]
DEVICE void multiply(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// a barrier of some of a block's warps
template <int BARRIER, int THREADS> DEVICE void synchronize() { asm volatile("barrier.sync %0, %1;" ::"n"(BARRIER), "n"(THREADS) : "memory"); }

DEVICE float warp_sum(float v) {
    for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(~0u, v, o);
    return v;
}
DEVICE int load_acquire(const int* p) {
    int v;
    asm volatile("ld.acquire.gpu.global.s32 %0, [%1];" : "=r"(v) : "l"(p) : "memory");
    return v;
}
DEVICE void add_release(int* p, int v) { asm volatile("red.release.gpu.global.add.s32 [%0], %1;" ::"l"(p), "r"(v) : "memory"); }

extern __shared__ __align__(128) char shared_memory[];
