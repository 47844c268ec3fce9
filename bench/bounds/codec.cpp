#include <bounds/codec.hpp>

#include <cstdint>
#include <stdexcept>
#include <zlib.h>
#ifdef KUSTO_HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

namespace kusto::bounds
{

namespace
{

void check(bool good, char const* function)
{
    if (!good)
        throw std::runtime_error(std::string(function) + " failed");
}

class zlib_codec final : public codec
{
public:
    explicit zlib_codec(int level)
    {
        check(deflateInit2(&stream_, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK,
              "deflateInit2");
    }
    zlib_codec(zlib_codec const&) = delete;
    zlib_codec& operator=(zlib_codec const&) = delete;
    ~zlib_codec() override { deflateEnd(&stream_); }

    void begin(std::span<std::byte> room) override
    {
        check(deflateReset(&stream_) == Z_OK, "deflateReset");
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = static_cast<uInt>(room.size());
    }

    void add(std::span<std::byte const> piece) override
    {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(piece.data()));
        stream_.avail_in = static_cast<uInt>(piece.size());
        check(deflate(&stream_, Z_NO_FLUSH) == Z_OK && stream_.avail_in == 0, "deflate");
    }

    std::size_t end() override
    {
        check(deflate(&stream_, Z_FINISH) == Z_STREAM_END, "deflate");
        return stream_.total_out;
    }

private:
    z_stream stream_{};
};

#ifdef KUSTO_HAVE_ISAL

class igzip_codec final : public codec
{
public:
    explicit igzip_codec(int level) : level_(static_cast<std::uint32_t>(level))
    {
        static constexpr std::uint32_t sizes[] = {0, ISAL_DEF_LVL1_MEDIUM, ISAL_DEF_LVL2_MEDIUM,
                                                  ISAL_DEF_LVL3_MEDIUM};
        memory_size_ = sizes[level];
        memory_ = std::make_unique<std::uint8_t[]>(memory_size_ + 1);
    }

    void begin(std::span<std::byte> room) override
    {
        isal_deflate_init(&stream_);
        stream_.level = level_;
        stream_.level_buf = memory_.get();
        stream_.level_buf_size = memory_size_;
        stream_.gzip_flag = IGZIP_GZIP;
        stream_.flush = NO_FLUSH;
        stream_.next_out = reinterpret_cast<std::uint8_t*>(room.data());
        stream_.avail_out = static_cast<std::uint32_t>(room.size());
    }

    void add(std::span<std::byte const> piece) override
    {
        stream_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(piece.data()));
        stream_.avail_in = static_cast<std::uint32_t>(piece.size());
        check(isal_deflate(&stream_) == COMP_OK && stream_.avail_in == 0, "isal_deflate");
    }

    std::size_t end() override
    {
        stream_.end_of_stream = 1;
        stream_.avail_in = 0;
        check(isal_deflate(&stream_) == COMP_OK && stream_.internal_state.state == ZSTATE_END,
              "isal_deflate");
        return stream_.total_out;
    }

private:
    isal_zstream stream_;
    std::uint32_t const level_;
    std::uint32_t memory_size_ = 0;
    std::unique_ptr<std::uint8_t[]> memory_;
};

#endif

} // namespace

std::unique_ptr<codec> make_codec(kusto::compression how)
{
    if (how.codec() == compression_codec::zlib)
        return std::make_unique<zlib_codec>(how.level());
#ifdef KUSTO_HAVE_ISAL
    if (how.codec() == compression_codec::igzip)
        return std::make_unique<igzip_codec>(how.level());
#endif
    throw std::runtime_error("built without " + how.to_string());
}

} // namespace kusto::bounds
