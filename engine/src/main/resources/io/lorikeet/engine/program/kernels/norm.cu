// The residual stream and its RMS norm: adds the parts of the product before, or begins with the tokens' embeddings. A block a token.

// parts float32 [slices, n, HIDDEN] · residual float32 [n, HIDDEN] · weight [HIDDEN] · out [n, HIDDEN]
// embeddings [VOCAB, HIDDEN], or none · tokens int64 [n] · counters: `zeros` of them become 0, with embeddings
struct NormArguments {
    const float* parts; float* residual; const bf16* weight; bf16* out; const bf16* embeddings; const i64* tokens; int* counters;
    i64 n; i64 slices; i64 zeros; double eps;
};

constexpr int NORM_THREADS = HIDDEN >= 2048 ? 1024 : 256;
constexpr int NORM_STEPS = ceil_div(HIDDEN / 4, NORM_THREADS);
static_assert(HIDDEN % 4 == 0, "");
extern "C" {
__constant__ int residual_norm_shared = 0;
__constant__ int residual_norm_threads = NORM_THREADS;
}

extern "C" __global__ void __launch_bounds__(NORM_THREADS) residual_norm(const __grid_constant__ NormArguments a) {
    __shared__ float squares_of[NORM_THREADS / 32];
    const int token = blockIdx.x, tid = threadIdx.x;
    let_next_begin();
    uint2 weight[NORM_STEPS];
#pragma unroll
    for (int j = 0; j < NORM_STEPS; j++) {
        const int i = tid + j * NORM_THREADS;
        weight[j] = i < HIDDEN / 4 ? *(const uint2*)(a.weight + i * 4) : make_uint2(0, 0);
    }
    await_previous();
    float4* residual = (float4*)(a.residual + (i64)token * HIDDEN);
    float4 row[NORM_STEPS];
    float squares = 0.f;
#pragma unroll
    for (int j = 0; j < NORM_STEPS; j++) {
        const int i = tid + j * NORM_THREADS;
        if (i < HIDDEN / 4) {
            float4 v;
            if (a.embeddings) {
                const uint2 e = *(const uint2*)(a.embeddings + a.tokens[token] * HIDDEN + i * 4);
                v = make_float4(low(e.x), high(e.x), low(e.y), high(e.y));
            } else {
                v = residual[i];
#pragma unroll 8
                for (int s = 0; s < a.slices; s++) {
                    const float4 p = __ldcg((const float4*)(a.parts + ((i64)s * a.n + token) * HIDDEN) + i);
                    v.x += p.x;
                    v.y += p.y;
                    v.z += p.z;
                    v.w += p.w;
                }
            }
            residual[i] = v;
            row[j] = v;
            squares += v.x * v.x + v.y * v.y + v.z * v.z + v.w * v.w;
        }
    }
    if (a.embeddings && token == 0)
        for (int i = tid; i < a.zeros; i += NORM_THREADS) a.counters[i] = 0;
    squares = warp_sum(squares);
    if ((tid & 31) == 0) squares_of[tid / 32] = squares;
    __syncthreads();
    squares = 0.f;
    for (int w = 0; w < NORM_THREADS / 32; w++) squares += squares_of[w];
    const float by = rsqrtf(squares / HIDDEN + (float)a.eps);
#pragma unroll
    for (int j = 0; j < NORM_STEPS; j++) {
        const int i = tid + j * NORM_THREADS;
        if (i < HIDDEN / 4) {
            const float4 v = row[j];
            const uint2 w = weight[j];
            *(uint2*)(a.out + (i64)token * HIDDEN + i * 4) =
                make_uint2(pack(v.x * by * low(w.x), v.y * by * high(w.x)), pack(v.z * by * low(w.y), v.w * by * high(w.y)));
        }
    }
}
