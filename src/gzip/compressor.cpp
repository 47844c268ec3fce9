#include <gzip/compressor.hpp>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <zlib.h>

namespace kusto::gzip
{

namespace
{

constexpr std::size_t smallest_growth = 16 * 1024;
constexpr int gzip_window_bits = 15 + 16;
constexpr int memory_level = 8;

[[noreturn]] void throw_zlib(char const* function, int code)
{
    if (code == Z_MEM_ERROR)
        throw std::bad_alloc();
    throw std::logic_error(std::string(function) + " failed with code " + std::to_string(code));
}

} // namespace

// zlib keeps a pointer to its z_stream, so this must not move in memory.
struct compressor::state
{
    state(int level, std::size_t size) : block_size((std::max)(size, std::size_t(1)))
    {
        auto const code = deflateInit2(&stream, level, Z_DEFLATED, gzip_window_bits, memory_level,
                                       Z_DEFAULT_STRATEGY);
        if (code != Z_OK)
            throw_zlib("deflateInit2", code);
        set_header();
    }
    state(state const&) = delete;
    state& operator=(state const&) = delete;
    ~state() { deflateEnd(&stream); }

    void reset()
    {
        if (auto const code = deflateReset(&stream); code != Z_OK)
            throw_zlib("deflateReset", code);
        set_header();
        raw_size = 0;
        filled = 0;
    }

    // Without this zlib writes the operating system's number into the header.
    void set_header()
    {
        header = gz_header{};
        header.os = 255;
        if (auto const code = deflateSetHeader(&stream, &header); code != Z_OK)
            throw_zlib("deflateSetHeader", code);
    }

    // Blocks grow with their content, so that a small batch does not cost a full block.
    void make_room()
    {
        if (filled == current.size())
            current.resize((std::min)(block_size, (std::max)(smallest_growth, filled * 2)));
        stream.next_out = reinterpret_cast<Bytef*>(current.data() + filled);
        stream.avail_out = static_cast<uInt>(
            (std::min)(current.size() - filled, std::size_t((std::numeric_limits<uInt>::max)())));
    }

    int step(int flush, std::vector<block>& out)
    {
        make_room();
        auto const offered = stream.avail_out;
        auto const code = deflate(&stream, flush);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            throw_zlib("deflate", code);
        filled += offered - stream.avail_out;
        if (filled == block_size)
            hand_over(out);
        return code;
    }

    void hand_over(std::vector<block>& out)
    {
        current.resize(filled);
        out.push_back(std::move(current));
        current = block();
        filled = 0;
    }

    z_stream stream{};
    gz_header header{};
    std::size_t block_size;
    block current; // its size is the room; the first `filled` bytes are content
    std::size_t filled = 0;
    std::uint64_t raw_size = 0;
};

compressor::compressor(int level, std::size_t block_size)
    : state_(std::make_unique<state>(level, block_size))
{
}
compressor::compressor(compressor&&) noexcept = default;
compressor& compressor::operator=(compressor&&) noexcept = default;
compressor::~compressor() = default;

void compressor::add(std::span<std::byte const> input, std::vector<block>& out)
{
    auto& s = *state_;
    s.raw_size += input.size();
    while (!input.empty())
    {
        auto const piece =
            (std::min)(input.size(), std::size_t((std::numeric_limits<uInt>::max)()));
        s.stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
        s.stream.avail_in = static_cast<uInt>(piece);
        while (s.stream.avail_in != 0)
            s.step(Z_NO_FLUSH, out);
        input = input.subspan(piece);
    }
}

void compressor::finish(std::vector<block>& out)
{
    auto& s = *state_;
    s.stream.next_in = nullptr;
    s.stream.avail_in = 0;
    while (s.step(Z_FINISH, out) != Z_STREAM_END)
    {
    }
    if (s.filled != 0)
        s.hand_over(out);
}

void compressor::reset()
{
    state_->reset();
}

std::uint64_t compressor::raw_size() const noexcept
{
    return state_->raw_size;
}

std::size_t compressor::buffered() const noexcept
{
    return state_->filled;
}

} // namespace kusto::gzip
