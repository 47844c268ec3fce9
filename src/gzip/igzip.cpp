#include <gzip/codec.hpp>
#include <gzip/worst_size.hpp>

#include <stdexcept>
#include <string>
#ifdef KUSTO_HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

namespace kusto::gzip
{

#ifdef KUSTO_HAVE_ISAL

namespace
{

// More tokens than these make the output a thousandth smaller and take more memory.
constexpr std::uint32_t level_memory[] = {0, ISAL_DEF_LVL1_MEDIUM, ISAL_DEF_LVL2_MEDIUM,
                                          ISAL_DEF_LVL3_MEDIUM};
// A token of level 1 or above becomes four bytes at most; there are so many before a deflate block
// is written.
constexpr std::size_t most_tokens = std::size_t(32) << 10;
constexpr std::size_t most_of_a_token = 4;
// Input that was not looked at yet.
constexpr std::size_t most_unread = sizeof(isal_zstate::buffer);
constexpr std::size_t headers_and_trailer = 1024;

class igzip_codec final : public codec
{
public:
    explicit igzip_codec(int level)
    {
        if (level < ISAL_DEF_MIN_LEVEL || level > ISAL_DEF_MAX_LEVEL)
            throw std::logic_error("igzip has no level " + std::to_string(level));
        // Not initialised: igzip does that for the part that it reads.
        if (level_memory[level] != 0)
            memory_.reset(new std::uint8_t[level_memory[level]]);
        begin(level);
    }

    progress step(std::span<std::byte const>& input, std::span<std::byte>& room, bool last) override
    {
        stream_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(input.data()));
        stream_.avail_in = static_cast<std::uint32_t>(input.size());
        stream_.next_out = reinterpret_cast<std::uint8_t*>(room.data());
        stream_.avail_out = static_cast<std::uint32_t>(room.size());
        stream_.end_of_stream = last ? 1 : 0;
        if (auto const code = isal_deflate(&stream_); code != COMP_OK)
            throw std::logic_error("isal_deflate failed with code " + std::to_string(code));
        input = input.last(stream_.avail_in);
        room = room.last(stream_.avail_out);
        return stream_.internal_state.state == ZSTATE_END ? progress::ended : progress::more;
    }

    // Not isal_deflate_reset, which leaves what is in the level's memory.
    void reset() override { begin(static_cast<int>(stream_.level)); }

    std::size_t held_back() const noexcept override
    {
        auto const how = compression::igzip(static_cast<int>(stream_.level));
        return worst_size(how, most_unread) + headers_and_trailer +
               (stream_.level == 0 ? 0 : most_tokens * most_of_a_token);
    }

private:
    void begin(int level)
    {
        isal_deflate_init(&stream_);
        stream_.level = static_cast<std::uint32_t>(level);
        stream_.level_buf = memory_.get();
        stream_.level_buf_size = level_memory[level];
        stream_.gzip_flag = IGZIP_GZIP;
        stream_.flush = NO_FLUSH;
    }

    isal_zstream stream_;
    std::unique_ptr<std::uint8_t[]> memory_;
};

} // namespace

std::unique_ptr<codec> make_igzip_codec(int level)
{
    return std::make_unique<igzip_codec>(level);
}

#else

std::unique_ptr<codec> make_igzip_codec(int)
{
    throw std::logic_error("built without ISA-L");
}

#endif

} // namespace kusto::gzip
