#include <gzip/codec.hpp>

#include <new>
#include <stdexcept>
#include <string>
#include <zlib.h>

namespace kusto::gzip
{

namespace
{

constexpr int gzip_window_bits = 15 + 16;
constexpr int memory_level = 8;
// The pending output at this memory level, and input that was not looked at yet.
constexpr std::size_t most_held_back = (std::size_t(64) << 10) + 1024;

[[noreturn]] void throw_zlib(char const* function, int code)
{
    if (code == Z_MEM_ERROR)
        throw std::bad_alloc();
    throw std::logic_error(std::string(function) + " failed with code " + std::to_string(code));
}

// zlib keeps a pointer to its z_stream, so this must not move in memory.
class zlib_codec final : public codec
{
public:
    explicit zlib_codec(int level)
    {
        if (level < 1)
            throw std::logic_error("zlib has no level " + std::to_string(level));
        auto const code = deflateInit2(&stream_, level, Z_DEFLATED, gzip_window_bits, memory_level,
                                       Z_DEFAULT_STRATEGY);
        if (code != Z_OK)
            throw_zlib("deflateInit2", code);
        set_header();
    }
    ~zlib_codec() override { deflateEnd(&stream_); }

    progress step(std::span<std::byte const>& input, std::span<std::byte>& room, bool last) override
    {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
        stream_.avail_in = static_cast<uInt>(input.size());
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = static_cast<uInt>(room.size());
        auto const code = deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            throw_zlib("deflate", code);
        input = input.last(stream_.avail_in);
        room = room.last(stream_.avail_out);
        return code == Z_STREAM_END ? progress::ended : progress::more;
    }

    void reset() override
    {
        if (auto const code = deflateReset(&stream_); code != Z_OK)
            throw_zlib("deflateReset", code);
        set_header();
    }

    std::size_t held_back() const noexcept override { return most_held_back; }

private:
    // Without this zlib writes the operating system's number into the header.
    void set_header()
    {
        header_ = gz_header{};
        header_.os = 255;
        if (auto const code = deflateSetHeader(&stream_, &header_); code != Z_OK)
            throw_zlib("deflateSetHeader", code);
    }

    z_stream stream_{};
    gz_header header_{};
};

} // namespace

std::unique_ptr<codec> make_zlib_codec(int level)
{
    return std::make_unique<zlib_codec>(level);
}

} // namespace kusto::gzip
