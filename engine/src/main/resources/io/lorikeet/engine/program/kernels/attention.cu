// Attention of one new token of each sequence, for grouped queries: from the parts of the stacked projection to the heads' output.
// A block has a sequence, a key/value head with its group of query heads, and a share of the cached positions; each of its warps
// goes through tiles of 16 positions by itself (Dao, arXiv:2307.08691). The last block of a head puts the shares together.

// parts float32 [QKV_SLICES, n, QKV] · bias [QKV] or none · q_norm, k_norm [HEAD_DIM] or none
// cos, sin [positions, HEAD_DIM], the first half of sin negated · positions int64 [n]; `length`: the position of a row that runs nothing
// keys, values [SLOTS, length + 1, KV_HEADS, HEAD_DIM] · window: positions seen, or 0 for all
// out [n, HEADS·HEAD_DIM] · shares float32 [n·KV_HEADS·splits, HEAD_GROUP·HEAD_DIM], sums [n·KV_HEADS·splits, 2·HEAD_GROUP]
// arrived: a counter for each head of each sequence, 0 before and after
struct AttentionArguments {
    const float* parts; const bf16* bias; const bf16* q_norm; const bf16* k_norm; const bf16* cos; const bf16* sin;
    const i64* positions; bf16* keys; bf16* values; bf16* out; float* shares; float* sums; int* arrived;
    i64 n; i64 length; i64 window; double eps;
};

constexpr int ATTENTION_WARPS = 4;
constexpr int ATTENTION_THREADS = ATTENTION_WARPS * 32;
constexpr int PADDED = ceil_div(HEAD_DIM, 16) * 16;
constexpr int PITCH = PADDED + 8;                  // so that eight rows lie in different banks
constexpr int ATTENTION_TILE = 2 * 16 * PITCH;     // keys and values of 16 positions
constexpr int OWN = (HEAD_GROUP + 2) * HEAD_DIM;   // a group's queries, its key, its value
constexpr int OWN_STEPS = ceil_div(OWN / 4, ATTENTION_THREADS);
constexpr int OWN_BYTES = ceil_div(OWN * 4 + 2 * HEAD_DIM * 4 + 16 * PITCH * 2 + 2 * HEAD_DIM * 2, 16) * 16;
constexpr int SMALLEST_SHARE = 256;                // positions, below which putting shares together costs more
constexpr int SHARE_BYTES = ceil_div(HEAD_GROUP * HEAD_DIM * 4, 16) * 16;  // each warp's result takes the place of its tiles
constexpr int attention_stages() {
    int stages = smaller(3, (smaller(SHARED, 116000) - OWN_BYTES) / (ATTENTION_WARPS * ATTENTION_TILE * 2));
    while (stages * ATTENTION_TILE * 2 < SHARE_BYTES) stages++;
    return stages;
}
constexpr int ATTENTION_STAGES = attention_stages();
static_assert(ATTENTION_STAGES >= 2 && HEAD_GROUP <= 16 && HEAD_DIM % 8 == 0, "");
extern "C" {
__constant__ int attention_shared = OWN_BYTES + ATTENTION_WARPS * ATTENTION_STAGES * ATTENTION_TILE * 2;
__constant__ int attention_threads = ATTENTION_THREADS;
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS) attention(const __grid_constant__ AttentionArguments a) {
    const int head = blockIdx.x, token = blockIdx.y, split = blockIdx.z, splits = gridDim.z;
    const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5, n = (int)a.n;
    let_next_begin();
    float* own = (float*)shared_memory;
    float* cos = own + OWN;
    float* sin = cos + HEAD_DIM;
    bf16* q = (bf16*)(sin + HEAD_DIM);
    bf16* key = q + 16 * PITCH;
    bf16* value = key + HEAD_DIM;
    bf16* tiles = (bf16*)(shared_memory + OWN_BYTES) + warp * ATTENTION_STAGES * ATTENTION_TILE;
    __shared__ float warp_max[ATTENTION_WARPS][16], warp_total[ATTENTION_WARPS][16];
    __shared__ int is_last;

    const i64 position = a.positions[token];
    bf16* out = a.out + (i64)token * HEADS * HEAD_DIM + head * HEAD_GROUP * HEAD_DIM;
    if (position >= a.length) {
        await_previous();
        if (split == 0)
            for (int i = tid; i < HEAD_GROUP * HEAD_DIM; i += ATTENTION_THREADS) out[i] = 0;
        return;
    }
    const int seen_from = a.window > 0 && position + 1 > a.window ? (int)(position + 1 - a.window) : 0;
    const int seen = (int)position + 1 - seen_from;
    const int share = larger(SMALLEST_SHARE, ceil_div(ceil_div(seen, splits), 16 * ATTENTION_WARPS) * 16 * ATTENTION_WARPS);
    const int used = ceil_div(seen, share);
    if (split >= used) return;
    const bool newest = split == used - 1;
    const int begin = seen_from + split * share;
    const int end = newest ? (int)position : begin + share;  // of what the cache has; the new token's are added
    const int count = ceil_div(end - begin, 16);
    const i64 row = ((i64)token * (a.length + 1)) * KV_HEADS * HEAD_DIM + head * HEAD_DIM;

    for (int i = lane; i < ATTENTION_STAGES * 32 && PADDED > HEAD_DIM; i += 32)
        *(uint4*)(tiles + i * PITCH + HEAD_DIM) = make_uint4(0, 0, 0, 0);
    auto load = [&](int tile, int slot) {
        const u32 to = shared_address(tiles + slot * ATTENTION_TILE);
        for (int i = lane; i < 32 * (HEAD_DIM / 8); i += 32) {
            const int r = i / (HEAD_DIM / 8), c = i % (HEAD_DIM / 8);
            const int p = begin + tile * 16 + (r & 15);
            const bf16* from = r < 16 ? a.keys : a.values;
            copy16(to + (r * PITCH + c * 8) * 2, p < end ? from + row + (i64)p * KV_HEADS * HEAD_DIM + c * 8 : from, p < end);
        }
    };
    // the cache does not wait for the kernel before
    for (int s = 0; s < ATTENTION_STAGES - 1; s++) {
        if (warp + s * ATTENTION_WARPS < count) load(warp + s * ATTENTION_WARPS, s);
        commit_copies();
    }
    // nor do bias and rotation
    const int own_count = (newest ? OWN : HEAD_GROUP * HEAD_DIM) / 4;
    auto column = [&](int i) {
        const int h = i * 4 / HEAD_DIM;
        return (h < HEAD_GROUP ? head * HEAD_GROUP + h : HEADS + (h - HEAD_GROUP) * KV_HEADS + head) * HEAD_DIM + i * 4 % HEAD_DIM;
    };
    uint2 bias[OWN_STEPS];
#pragma unroll
    for (int j = 0; j < OWN_STEPS; j++) {
        const int i = tid + j * ATTENTION_THREADS;
        bias[j] = a.bias && i < own_count ? *(const uint2*)(a.bias + column(i)) : make_uint2(0, 0);
    }
    for (int d = tid; d < HEAD_DIM; d += ATTENTION_THREADS) {
        cos[d] = to_float(a.cos[position * HEAD_DIM + d]);
        sin[d] = to_float(a.sin[position * HEAD_DIM + d]);
    }
    for (int i = tid; i < 16 * PADDED; i += ATTENTION_THREADS) {
        const int h = i / PADDED, d = i % PADDED;
        if (h >= HEAD_GROUP || d >= HEAD_DIM) q[h * PITCH + d] = 0;
    }
    await_previous();

    // queries, key and value of the new token
    float4 parts[OWN_STEPS][QKV_SLICES];
#pragma unroll
    for (int j = 0; j < OWN_STEPS; j++) {
        const int i = tid + j * ATTENTION_THREADS;
        if (i < own_count)
#pragma unroll
            for (int s = 0; s < QKV_SLICES; s++)
                parts[j][s] = __ldcg((const float4*)(a.parts + ((i64)s * n + token) * QKV + column(i)));
    }
#pragma unroll
    for (int j = 0; j < OWN_STEPS; j++) {
        const int i = tid + j * ATTENTION_THREADS;
        if (i < own_count) {
            float4 v = make_float4(low(bias[j].x), high(bias[j].x), low(bias[j].y), high(bias[j].y));
#pragma unroll
            for (int s = 0; s < QKV_SLICES; s++) {
                v.x += parts[j][s].x;
                v.y += parts[j][s].y;
                v.z += parts[j][s].z;
                v.w += parts[j][s].w;
            }
            ((float4*)own)[i] = v;
        }
    }
    __syncthreads();
    if (a.q_norm) {
        for (int h = warp; h <= HEAD_GROUP; h += ATTENTION_WARPS) {
            float squares = 0.f;
            for (int d = lane; d < HEAD_DIM; d += 32) squares += own[h * HEAD_DIM + d] * own[h * HEAD_DIM + d];
            const float by = rsqrtf(warp_sum(squares) / HEAD_DIM + (float)a.eps);
            const bf16* norm = h < HEAD_GROUP ? a.q_norm : a.k_norm;
            for (int d = lane; d < HEAD_DIM; d += 32) own[h * HEAD_DIM + d] *= by * to_float(norm[d]);
        }
        __syncthreads();
    }
    for (int i = tid; i < (HEAD_GROUP + (newest ? 1 : 0)) * HEAD_DIM; i += ATTENTION_THREADS) {
        const int h = i / HEAD_DIM, d = i % HEAD_DIM;
        const float other = own[h * HEAD_DIM + (d < HEAD_DIM / 2 ? d + HEAD_DIM / 2 : d - HEAD_DIM / 2)];
        const bf16 rotated = to_bf16(own[i] * cos[d] + other * sin[d]);
        if (h < HEAD_GROUP) {
            q[h * PITCH + d] = rotated;
        } else {
            key[d] = rotated;
            value[d] = to_bf16(own[(HEAD_GROUP + 1) * HEAD_DIM + d]);
            a.keys[row + position * KV_HEADS * HEAD_DIM + d] = rotated;
            a.values[row + position * KV_HEADS * HEAD_DIM + d] = value[d];
        }
    }
    __syncthreads();

    u32 queries[PADDED / 16][4];
#pragma unroll
    for (int k = 0; k < PADDED / 16; k++)
        load_matrices(queries[k], shared_address(q + (lane & 15) * PITCH + k * 16 + (lane >> 4) * 8));
    float sum[PADDED / 8][4], most[2] = {-NO_LIMIT, -NO_LIMIT}, total[2] = {0.f, 0.f};
#pragma unroll
    for (int d = 0; d < PADDED / 8; d++)
#pragma unroll
        for (int e = 0; e < 4; e++) sum[d][e] = 0.f;
    const float scale = rsqrtf((float)HEAD_DIM) * 1.4426950408889634f;  // powers of 2 from here on

    // one tile of which `valid` positions are there, at least one
    auto attend = [&](const bf16* tile, int valid) {
        float s[2][4] = {{0.f, 0.f, 0.f, 0.f}, {0.f, 0.f, 0.f, 0.f}};
        const bf16* k_rows = tile + ((lane & 7) + ((lane >> 4) << 3)) * PITCH + ((lane >> 3) & 1) * 8;
#pragma unroll
        for (int k = 0; k < PADDED / 16; k++) {
            u32 r[4];
            load_matrices(r, shared_address(k_rows + k * 16));
            multiply(s[0], queries[k], r[0], r[1]);
            multiply(s[1], queries[k], r[2], r[3]);
        }
#pragma unroll
        for (int e = 0; e < 2; e++) {
            // e: rows lane/4 and lane/4 + 8
            float top = most[e];
#pragma unroll
            for (int t = 0; t < 2; t++)
#pragma unroll
                for (int j = 0; j < 2; j++) {
                    float& v = s[t][2 * e + j];
                    v = t * 8 + 2 * (lane & 3) + j < valid ? v * scale : -NO_LIMIT;
                    top = fmaxf(top, v);
                }
            top = fmaxf(top, __shfl_xor_sync(~0u, top, 1));
            top = fmaxf(top, __shfl_xor_sync(~0u, top, 2));
            const float shrink = exp2f(most[e] - top);
            most[e] = top;
            total[e] *= shrink;
#pragma unroll
            for (int t = 0; t < 2; t++)
#pragma unroll
                for (int j = 0; j < 2; j++) {
                    s[t][2 * e + j] = exp2f(s[t][2 * e + j] - top);
                    total[e] += s[t][2 * e + j];
                }
#pragma unroll
            for (int d = 0; d < PADDED / 8; d++) {
                sum[d][2 * e] *= shrink;
                sum[d][2 * e + 1] *= shrink;
            }
        }
        const u32 p[4] = {pack(s[0][0], s[0][1]), pack(s[0][2], s[0][3]), pack(s[1][0], s[1][1]), pack(s[1][2], s[1][3])};
        const bf16* v_rows = tile + (16 + (lane & 15)) * PITCH + (lane >> 4) * 8;
#pragma unroll
        for (int d = 0; d < PADDED / 16; d++) {
            u32 r[4];
            load_matrices_transposed(r, shared_address(v_rows + d * 16));
            multiply(sum[2 * d], p, r[0], r[1]);
            multiply(sum[2 * d + 1], p, r[2], r[3]);
        }
    };
    int slot = 0, to_load = ATTENTION_STAGES - 1;
    for (int t = warp; t < count; t += ATTENTION_WARPS) {
        await_copies<ATTENTION_STAGES - 2>();
        __syncwarp();
        if (warp + to_load * ATTENTION_WARPS < count)
            load(warp + to_load * ATTENTION_WARPS, slot == 0 ? ATTENTION_STAGES - 1 : slot - 1);
        commit_copies();
        to_load++;
        attend(tiles + slot * ATTENTION_TILE, end - begin - t * 16);
        slot = slot + 1 == ATTENTION_STAGES ? 0 : slot + 1;
    }
    await_copies<0>();
    __syncwarp();
    if (newest && warp == 0) {
        for (int i = lane; i < 32 * (PADDED / 8); i += 32) {
            const int r = i / (PADDED / 8), c = i % (PADDED / 8);
            uint4 v = make_uint4(0, 0, 0, 0);
            if ((r == 0 || r == 16) && c < HEAD_DIM / 8) {
                const bf16* from = (r ? value : key) + c * 8;
                v = make_uint4(from[0] | from[1] << 16, from[2] | from[3] << 16, from[4] | from[5] << 16, from[6] | from[7] << 16);
            }
            *(uint4*)(tiles + r * PITCH + c * 8) = v;
        }
        __syncwarp();
        attend(tiles, 1);
    }
    __syncwarp();

    // the warps' shares, then the blocks'
#pragma unroll
    for (int e = 0; e < 2; e++) {
        total[e] += __shfl_xor_sync(~0u, total[e], 1);
        total[e] += __shfl_xor_sync(~0u, total[e], 2);
        const int h = (lane >> 2) + 8 * e;
        if ((lane & 3) == 0) {
            warp_max[warp][h] = most[e];
            warp_total[warp][h] = total[e];
        }
        if (h < HEAD_GROUP)
#pragma unroll
            for (int d = 0; d < PADDED / 8; d++) {
                const int column = d * 8 + 2 * (lane & 3);
                if (column < HEAD_DIM) *(float2*)((float*)tiles + h * HEAD_DIM + column) = make_float2(sum[d][2 * e], sum[d][2 * e + 1]);
            }
    }
    __syncthreads();
    const i64 group = ((i64)token * KV_HEADS + head) * splits;
    for (int i = tid; i < HEAD_GROUP * HEAD_DIM; i += ATTENTION_THREADS) {
        const int h = i / HEAD_DIM;
        float top = -NO_LIMIT, value_sum = 0.f, weight_sum = 0.f;
        for (int w = 0; w < ATTENTION_WARPS; w++) top = fmaxf(top, warp_max[w][h]);
        for (int w = 0; w < ATTENTION_WARPS; w++) {
            const float f = exp2f(warp_max[w][h] - top);
            value_sum += f * ((const float*)(tiles + (w - warp) * ATTENTION_STAGES * ATTENTION_TILE))[i];
            weight_sum += f * warp_total[w][h];
        }
        if (used == 1) {
            out[i] = to_bf16(value_sum / weight_sum);
        } else {
            a.shares[(group + split) * HEAD_GROUP * HEAD_DIM + i] = value_sum;
            if (i % HEAD_DIM == 0) {
                a.sums[(group + split) * 2 * HEAD_GROUP + h] = top;
                a.sums[(group + split) * 2 * HEAD_GROUP + HEAD_GROUP + h] = weight_sum;
            }
        }
    }
    if (used == 1) return;
    __threadfence();
    __syncthreads();
    if (tid == 0) {
        is_last = atomicAdd(a.arrived + token * KV_HEADS + head, 1) == used - 1;
        if (is_last) a.arrived[token * KV_HEADS + head] = 0;
    }
    __syncthreads();
    if (!is_last) return;
    __threadfence();
    for (int i = tid; i < HEAD_GROUP * HEAD_DIM; i += ATTENTION_THREADS) {
        const int h = i / HEAD_DIM;
        float top = -NO_LIMIT, value_sum = 0.f, weight_sum = 0.f;
#pragma unroll 8
        for (int s = 0; s < used; s++) top = fmaxf(top, __ldcg(a.sums + (group + s) * 2 * HEAD_GROUP + h));
#pragma unroll 8
        for (int s = 0; s < used; s++) {
            const float f = exp2f(__ldcg(a.sums + (group + s) * 2 * HEAD_GROUP + h) - top);
            value_sum += f * __ldcg(a.shares + (group + s) * HEAD_GROUP * HEAD_DIM + i);
            weight_sum += f * __ldcg(a.sums + (group + s) * 2 * HEAD_GROUP + HEAD_GROUP + h);
        }
        out[i] = to_bf16(value_sum / weight_sum);
    }
}
