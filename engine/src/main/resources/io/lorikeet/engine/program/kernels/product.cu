// Products of a step's activations with a stack of linear modules, the adapters' and what follows included.
//
// A block has a share of the weight's rows, in tiles of 8, over a slice of the columns, and streams them through a ring in shared
// memory, a chunk of columns a stage; the matrix units take 16 sequences by 8 rows. What the adapters' A's give, whose rows lie
// below the weight's own, is found out first, masked by who has which adapter, for all to read: B is so many more
// columns of the weight, and those are the activations to them. So any mix of adapters is one product. Warps of their own do the
// A's, since a fence between blocks would wait for what streams.

// Of one stack: w [N + P·RANK_ROWS, K] · x [n, K] · b [N, P·RANK_ROWS] · mask [P·RANK_ROWS, SLOTS]
// lora: bfloat16 [64, P·RANK_ROWS] · lora_parts: float32 [JOBS, 64, 8] · done: two counters, 0 before · adapted: 0 or 1
// out: what the epilogue says
struct ProductArguments {
    const bf16* w; const bf16* x; const bf16* b; const bf16* mask; bf16* lora; float* lora_parts; int* done; void* out;
    i64 n; i64 adapted;
};

// PARTS: float32 [SLICES, n, N], to be added up by whoever reads them · SWIGLU: bfloat16 [n, N/2] of gate rows and up rows
// LOGITS: bfloat16 [n, N]
enum Epilogue { PARTS, SWIGLU, LOGITS };

// MT: 16 sequences each · CHUNK: columns of a stage
template <int MT_, int K_, int N_, int P_, int SLICES_, int CHUNK_, Epilogue E_> struct Product {
    static constexpr int MT = MT_, K = K_, N = N_, SLICES = SLICES_, CHUNK = CHUNK_;
    static constexpr Epilogue E = E_;
    static constexpr int WARPS = 12, THREADS = WARPS * 32;
    static constexpr int LORA_WARPS = P_ == 0 ? 0 : MT > 2 ? 4 : 8, LORA_THREADS = LORA_WARPS * 32;
    static constexpr int PER_SLICE = BLOCKS / SLICES;
    static constexpr int A_ROWS = P_ * RANK_ROWS, A_TILES = A_ROWS / 8;
    // an A's tile by its columns, so that every block has about one part of one
    static constexpr int A_PARTS = A_TILES == 0 ? 1 : larger(1, PER_SLICE * SLICES / A_TILES), JOBS = A_TILES * A_PARTS;
    static constexpr int TILES = E == SWIGLU ? 2 : 1;  // of a unit of work: gate and up stay together
    static constexpr int UNITS = ceil_div(N, 8 * TILES), MOST_UNITS = ceil_div(UNITS, PER_SLICE);
    static constexpr int CHUNK_BYTES = 2 * CHUNK, PIECES = CHUNK / 8;  // of 16 bytes
    static constexpr int LORA_BYTES = LORA_WARPS * MT * 16 * 8 * 4;
    static constexpr int stage_bytes(int units) { return (units * TILES * 8 + MT * 16) * CHUNK_BYTES; }
    // units of a pass: as many as registers and three stages in shared memory allow
    static constexpr int fitting() {
        int units = smaller(MOST_UNITS, WARPS * 3 / TILES);
        while (units > 1 && 3 * stage_bytes(units) > SHARED - LORA_BYTES) units--;
        return units;
    }
    static constexpr int PASS_UNITS = ceil_div(MOST_UNITS, ceil_div(MOST_UNITS, fitting()));
    static constexpr int WARP_UNITS = ceil_div(PASS_UNITS, WARPS);
    static constexpr int ROWS = PASS_UNITS * TILES * 8;
    static constexpr int STAGE = stage_bytes(PASS_UNITS);
    static constexpr int STAGES = smaller((SHARED - LORA_BYTES) / STAGE, 12);
    static constexpr int ALL_THREADS = THREADS + LORA_THREADS;
    // more than half, so that a multiprocessor has one block of a kernel and no other waits for two
    static constexpr int SHARED_BYTES = larger(STAGES * STAGE + LORA_BYTES, SHARED / 2 + 2048);
    static constexpr int W_CHUNKS = ceil_div(K, CHUNK), B_CHUNKS = ceil_div(A_ROWS, CHUNK);
};

// What the A's give to each sequence, in parts: a tile of 8 of their rows over some of the columns.
template <class P> DEVICE void begin_lora(const ProductArguments& a, int tid, float* scratch) {
    const int lane = tid & 31, warp = tid >> 5, n = (int)a.n;
    constexpr int STEPS = ceil_div(P::K, 32);
    for (int job = blockIdx.x; job < P::JOBS; job += gridDim.x) {
        const int tile = job % P::A_TILES, part = job / P::A_TILES;
        const int first = STEPS * part / P::A_PARTS, count = STEPS * (part + 1) / P::A_PARTS - first;
        const bf16* rows = a.w + (i64)(P::N + tile * 8 + (lane >> 2)) * P::K;
        float sums[P::MT][4];
#pragma unroll
        for (int m = 0; m < P::MT; m++)
#pragma unroll
            for (int e = 0; e < 4; e++) sums[m][e] = 0.f;
#pragma unroll(P::MT > 2 ? 2 : 4)
        for (int step = first + count * warp / P::LORA_WARPS; step < first + count * (warp + 1) / P::LORA_WARPS; step++) {
            // a lane's 16 bytes stand for what the matrix units expect of it in two products, alike in both operands
            const int k = step * 32 + (lane & 3) * 8;
            const bool inside = k < P::K;
            const uint4 w = inside ? *(const uint4*)(rows + k) : make_uint4(0, 0, 0, 0);
            uint4 x[P::MT][2];
#pragma unroll
            for (int m = 0; m < P::MT; m++)
#pragma unroll
                for (int h = 0; h < 2; h++) {
                    const int token = m * 16 + h * 8 + (lane >> 2);
                    x[m][h] = inside && token < n ? __ldcg((const uint4*)(a.x + (i64)token * P::K + k)) : make_uint4(0, 0, 0, 0);
                }
#pragma unroll
            for (int m = 0; m < P::MT; m++) {
                multiply(sums[m], {x[m][0].x, x[m][1].x, x[m][0].y, x[m][1].y}, w.x, w.y);
                multiply(sums[m], {x[m][0].z, x[m][1].z, x[m][0].w, x[m][1].w}, w.z, w.w);
            }
        }
#pragma unroll
        for (int m = 0; m < P::MT; m++)
#pragma unroll
            for (int h = 0; h < 2; h++)
                *(float2*)(scratch + ((warp * P::MT + m) * 16 + h * 8 + (lane >> 2)) * 8 + 2 * (lane & 3)) =
                    make_float2(sums[m][2 * h], sums[m][2 * h + 1]);
        synchronize<2, P::LORA_THREADS>();
        for (int i = tid; i < n * 8; i += P::LORA_THREADS) {
            float sum = 0.f;
#pragma unroll
            for (int w = 0; w < P::LORA_WARPS; w++) sum += scratch[w * P::MT * 16 * 8 + i];
            a.lora_parts[((i64)tile * P::A_PARTS + part) * 64 * 8 + i] = sum;
        }
        synchronize<2, P::LORA_THREADS>();
        if (tid == 0) {
            __threadfence();
            add_release(a.done, 1);
        }
    }
}

// Adds up the parts of some tiles, masked, for all blocks.
template <class P> DEVICE void end_lora(const ProductArguments& a, int tid) {
    for (int tile = blockIdx.x; tile < P::A_TILES; tile += gridDim.x) {
        if (tid == 0)
            while (load_acquire(a.done) < P::JOBS) {}
        synchronize<2, P::LORA_THREADS>();
        for (int i = tid; i < (int)a.n * 4; i += P::LORA_THREADS) {
            const int token = i >> 2, row = tile * 8 + 2 * (i & 3);
            float2 s = make_float2(0.f, 0.f);
#pragma unroll 8
            for (int p = 0; p < P::A_PARTS; p++) {
                const float2 part = __ldcg((const float2*)(a.lora_parts + ((i64)tile * P::A_PARTS + p) * 64 * 8) + i);
                s.x += part.x;
                s.y += part.y;
            }
            // who has no part in a rank row gets 0, whatever stands there
            const bool first = a.mask[(i64)row * SLOTS + token] != 0, second = a.mask[(i64)(row + 1) * SLOTS + token] != 0;
            *(u32*)(a.lora + token * P::A_ROWS + row) = pack(first ? s.x : 0.f, second ? s.y : 0.f);
        }
        synchronize<2, P::LORA_THREADS>();
        if (tid == 0) {
            __threadfence();
            add_release(a.done + 1, 1);
        }
    }
}

template <class P> DEVICE void lora(const ProductArguments& a, int tid) {
    let_next_begin();
    if (!a.adapted) return;
    for (int job = blockIdx.x; job < P::JOBS; job += gridDim.x) {
        constexpr int WIDTH = ceil_div(P::K, P::A_PARTS);
        const int part = job / P::A_TILES;
        for (int r = tid / 16; r < 8; r += P::LORA_THREADS / 16)
            for (int c = part * WIDTH + tid % 16 * 64; c < smaller(P::K, (part + 1) * WIDTH); c += 16 * 64)
                prefetch(a.w + (i64)(P::N + job % P::A_TILES * 8 + r) * P::K + c);
    }
    await_previous();
    begin_lora<P>(a, tid, (float*)(shared_memory + P::STAGES * P::STAGE));
    end_lora<P>(a, tid);
}

template <class P> DEVICE void product(const ProductArguments& a) {
    const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5;
    const int slice = blockIdx.x / P::PER_SLICE, member = blockIdx.x % P::PER_SLICE;
    const int n = (int)a.n;
    const int first_unit = (int)((i64)P::UNITS * member / P::PER_SLICE);
    const int end_unit = (int)((i64)P::UNITS * (member + 1) / P::PER_SLICE);
    // the columns of B come after those of the weight
    const int all_chunks = P::W_CHUNKS + (a.adapted ? P::B_CHUNKS : 0);
    const int first_chunk = all_chunks * slice / P::SLICES, end_chunk = all_chunks * (slice + 1) / P::SLICES;
    const u32 ring = shared_address(shared_memory);
    let_next_begin();

    const int piece = tid % P::PIECES, first_row = tid / P::PIECES;
    const u32 swizzled = (piece ^ (first_row & 7)) << 4;
    auto load_weights = [&](int from, int chunk, int slot) {
        const u32 to = ring + slot * P::STAGE + swizzled;
        const bool of_b = chunk >= P::W_CHUNKS;
        const int column = (of_b ? chunk - P::W_CHUNKS : chunk) * P::CHUNK + piece * 8;
        const bf16* matrix = of_b ? a.b : a.w;
        const int pitch = of_b ? P::A_ROWS : P::K;
#pragma unroll 3
        for (int r = first_row; r < P::ROWS; r += P::THREADS / P::PIECES) {
            const int unit = from + r / (8 * P::TILES);
            if (unit >= end_unit) break;
            const int row = P::TILES == 2 ? ((r >> 3) & 1) * (P::N / 2) + unit * 8 + (r & 7) : unit * 8 + (r & 7);
            const bool there = column < pitch && row < P::N;
            copy16(to + r * P::CHUNK_BYTES, there ? matrix + (i64)row * pitch + column : a.w, there);
        }
    };
    auto load_activations = [&](int chunk, int slot) {
        const u32 to = ring + slot * P::STAGE + P::ROWS * P::CHUNK_BYTES + swizzled;
        const bool of_b = chunk >= P::W_CHUNKS;
        const int column = (of_b ? chunk - P::W_CHUNKS : chunk) * P::CHUNK + piece * 8;
        const bf16* from = of_b ? a.lora : a.x;
        const int pitch = of_b ? P::A_ROWS : P::K;
        const bool inside = column < pitch;
        for (int t = first_row; t < n; t += P::THREADS / P::PIECES)
            copy16(to + t * P::CHUNK_BYTES, inside ? from + (i64)t * pitch + column : a.x, inside);
    };
    auto advance = [&](int& from, int& chunk) {
        if (++chunk == end_chunk) {
            chunk = first_chunk;
            from += P::PASS_UNITS;
        }
    };

    float sums[P::WARP_UNITS * P::TILES][P::MT][4];
    auto clear = [&] {
#pragma unroll
        for (int i = 0; i < P::WARP_UNITS * P::TILES; i++)
#pragma unroll
            for (int m = 0; m < P::MT; m++)
#pragma unroll
                for (int e = 0; e < 4; e++) sums[i][m][e] = 0.f;
    };
    auto compute = [&](int slot) {
        const u32 weights = ring + slot * P::STAGE, activations = weights + P::ROWS * P::CHUNK_BYTES;
#pragma unroll
        for (int part = 0; part < P::CHUNK / 32; part++) {
            u32 x[P::MT][2][4];
#pragma unroll
            for (int m = 0; m < P::MT; m++)
#pragma unroll
                for (int k = 0; k < 2; k++)
                    load_matrices(x[m][k], activations + (m * 16 + (lane & 15)) * P::CHUNK_BYTES
                                               + (((part * 4 + k * 2 + (lane >> 4)) ^ (lane & 7)) << 4));
#pragma unroll
            for (int i = 0; i < P::WARP_UNITS; i++) {
                const int unit = warp + i * P::WARPS;
                if (unit < P::PASS_UNITS) {
#pragma unroll
                    for (int t = 0; t < P::TILES; t++) {
                        u32 w[4];
                        load_matrices(w, weights + ((unit * P::TILES + t) * 8 + (lane & 7)) * P::CHUNK_BYTES
                                             + (((part * 4 + (lane >> 3)) ^ (lane & 7)) << 4));
#pragma unroll
                        for (int m = 0; m < P::MT; m++) {
                            multiply(sums[i * P::TILES + t][m], x[m][0], w[0], w[1]);
                            multiply(sums[i * P::TILES + t][m], x[m][1], w[2], w[3]);
                        }
                    }
                }
            }
        }
    };
    auto finish = [&](int from) {
#pragma unroll
        for (int i = 0; i < P::WARP_UNITS; i++) {
            const int unit = from + warp + i * P::WARPS;
            if (warp + i * P::WARPS < P::PASS_UNITS && unit < end_unit) {
                const int row = unit * 8 + 2 * (lane & 3);
#pragma unroll
                for (int m = 0; m < P::MT; m++)
#pragma unroll
                    for (int h = 0; h < 2; h++) {
                        const int token = m * 16 + h * 8 + (lane >> 2);
                        if (token < n) {
                            const float* s = sums[i * P::TILES][m] + 2 * h;
                            if (P::E == PARTS) {
                                *(float2*)((float*)a.out + ((i64)slice * n + token) * P::N + row) = make_float2(s[0], s[1]);
                            } else if (P::E == LOGITS) {
                                *(u32*)((bf16*)a.out + (i64)token * P::N + row) = pack(s[0], s[1]);
                            } else {
                                const float* up = sums[i * P::TILES + P::TILES - 1][m] + 2 * h;
                                *(u32*)((bf16*)a.out + (i64)token * (P::N / 2) + row) =
                                    pack(s[0] / (1.f + __expf(-s[0])) * up[0], s[1] / (1.f + __expf(-s[1])) * up[1]);
                            }
                        }
                    }
            }
        }
    };

    // weights do not wait for the kernel before
    {
        int from = first_unit, chunk = first_chunk;
        for (int s = 0; s < P::STAGES - 1 && from < end_unit; s++) {
            load_weights(from, chunk, s);
            advance(from, chunk);
        }
    }
    await_previous();
    int load_from = first_unit, load_chunk = first_chunk;  // the next stage to load
    // activations to B's columns come when they are needed first: until then the A's take their time
    bool lora_awaited = end_chunk <= P::W_CHUNKS;
    for (int s = 0; s < P::STAGES - 1; s++) {
        if (load_from < end_unit) {
            if (load_chunk < P::W_CHUNKS) load_activations(load_chunk, s);
            advance(load_from, load_chunk);
        }
        commit_copies();
    }
    int slot = 0;
    clear();
    for (int from = first_unit, chunk = first_chunk; from < end_unit;) {
        if (!lora_awaited && chunk >= P::W_CHUNKS) {
            if (tid == 0)
                while (load_acquire(a.done + 1) < P::A_TILES) {}
            synchronize<1, P::THREADS>();
            lora_awaited = true;
            // the stages under way that came without
            int at_from = from, at_chunk = chunk;
            for (int s = 0; s < P::STAGES - 1 && at_from < end_unit; s++) {
                const int at = slot + s < P::STAGES ? slot + s : slot + s - P::STAGES;
                if (at_chunk >= P::W_CHUNKS) load_activations(at_chunk, at);
                advance(at_from, at_chunk);
            }
            commit_copies();
            await_copies<0>();
        } else {
            await_copies<P::STAGES - 2>();
        }
        synchronize<1, P::THREADS>();
        if (load_from < end_unit) {
            const int free_slot = slot == 0 ? P::STAGES - 1 : slot - 1;
            load_weights(load_from, load_chunk, free_slot);
            if (load_chunk < P::W_CHUNKS || lora_awaited) load_activations(load_chunk, free_slot);
            advance(load_from, load_chunk);
        }
        commit_copies();
        compute(slot);
        slot = slot + 1 == P::STAGES ? 0 : slot + 1;
        if (chunk + 1 == end_chunk) {
            finish(from);
            clear();
        }
        advance(from, chunk);
    }
}

#define PRODUCT(NAME, MT, ...)                                                                         \
    using NAME##_of_##MT = Product<MT, __VA_ARGS__>;                                                   \
    extern "C" __global__ void __launch_bounds__(NAME##_of_##MT::ALL_THREADS, 1)                           \
    NAME##_##MT(const __grid_constant__ ProductArguments a) {                                          \
        using P = NAME##_of_##MT;                                                                      \
        if constexpr (P::LORA_WARPS > 0) {                                                             \
            if (threadIdx.x >= P::THREADS) {                                                           \
                lora<P>(a, threadIdx.x - P::THREADS);                                                  \
                return;                                                                                \
            }                                                                                          \
        }                                                                                              \
        product<P>(a);                                                                                 \
    }                                                                                                  \
    extern "C" {                                                                                       \
    __constant__ int NAME##_##MT##_shared = NAME##_of_##MT::SHARED_BYTES;           \
    __constant__ int NAME##_##MT##_threads = NAME##_of_##MT::ALL_THREADS;                                  \
    }
#define PRODUCTS(MT)                                                         \
    PRODUCT(qkv, MT, HIDDEN, QKV, 3, QKV_SLICES, 128, PARTS)                 \
    PRODUCT(output, MT, HEADS * HEAD_DIM, HIDDEN, 1, O_SLICES, 128, PARTS)   \
    PRODUCT(gate_up, MT, HIDDEN, 2 * INTERMEDIATE, 2, 1, 64, SWIGLU)         \
    PRODUCT(down, MT, INTERMEDIATE, HIDDEN, 1, DOWN_SLICES, 128, PARTS)      \
    PRODUCT(head, MT, HIDDEN, VOCAB, 0, 1, 64, LOGITS)
