#include <emulator/content_summary.hpp>

#include <algorithm>
#include <kusto/emulator/discard.hpp>
#include <limits>
#include <zlib.h>

namespace kusto::emulator
{

namespace
{

constexpr int gzip_only = 15 + 16;
constexpr std::size_t output_bytes = std::size_t(256) * 1024;

Bytef const* bytes_of(std::string_view text)
{
    return reinterpret_cast<Bytef const*>(text.data());
}

/// Splits text that comes in pieces into lines.
class line_counter
{
public:
    explicit line_counter(inflated_content& into) : into_(into) {}

    void add(std::string_view text)
    {
        into_.bytes += text.size();
        while (!text.empty())
        {
            auto const end = text.find('\n');
            auto const piece = text.substr(0, end == std::string_view::npos ? end : end + 1);
            crc_ = static_cast<std::uint32_t>(
                ::crc32_z(crc_, bytes_of(piece), static_cast<z_size_t>(piece.size())));
            text.remove_prefix(piece.size());
            if (end == std::string_view::npos)
                break;
            ++into_.lines;
            into_.line_sum += crc_;
            crc_ = 0;
        }
    }

private:
    inflated_content& into_;
    std::uint32_t crc_ = 0;
};

class member_reader
{
public:
    member_reader() : output_(output_bytes, '\0') { ready_ = inflateInit2(&stream_, gzip_only) == Z_OK; }
    ~member_reader() { inflateEnd(&stream_); }
    member_reader(member_reader const&) = delete;
    member_reader& operator=(member_reader const&) = delete;

    /// \returns false when the data is damaged
    bool add(std::string_view input, line_counter& lines)
    {
        bool more = ready_ && !input.empty();
        while (more)
        {
            if (at_end_ && inflateReset(&stream_) != Z_OK)
                return false;
            at_end_ = false;
            auto const part = static_cast<uInt>(
                std::min<std::size_t>(input.size(), std::numeric_limits<uInt>::max()));
            stream_.next_in = const_cast<Bytef*>(bytes_of(input));
            stream_.avail_in = part;
            stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
            stream_.avail_out = static_cast<uInt>(output_.size());
            int const code = inflate(&stream_, Z_NO_FLUSH);
            lines.add(std::string_view(output_).substr(0, output_.size() - stream_.avail_out));
            // Z_BUF_ERROR: the output was full before, and there was nothing more to come.
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                return false;
            input.remove_prefix(part - stream_.avail_in);
            at_end_ = code == Z_STREAM_END;
            more = !input.empty() || (code == Z_OK && stream_.avail_out == 0);
        }
        return ready_;
    }

    /// Whether the last member is complete, checksum and size included.
    [[nodiscard]] bool at_end() const noexcept { return at_end_; }

private:
    z_stream stream_{};
    std::string output_;
    bool ready_ = false;
    bool at_end_ = false;
};

} // namespace

std::uint32_t line_checksum(std::string_view line) noexcept
{
    return static_cast<std::uint32_t>(
        ::crc32_z(0, bytes_of(line), static_cast<z_size_t>(line.size())));
}

void content_summary::keep_tail(std::string_view bytes)
{
    bytes = bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 4));
    for (char const c : bytes)
        tail_ = (tail_ >> 8) | (std::uint32_t(static_cast<unsigned char>(c)) << 24);
}

void content_summary::add(std::string_view bytes)
{
    crc_ = static_cast<std::uint32_t>(
        ::crc32_z(crc_, bytes_of(bytes), static_cast<z_size_t>(bytes.size())));
    size_ += bytes.size();
    keep_tail(bytes);
}

void content_summary::add(content_summary const& next)
{
    crc_ = static_cast<std::uint32_t>(
        ::crc32_combine(crc_, next.crc_, static_cast<z_off_t>(next.size_)));
    size_ += next.size_;
    char last[4];
    auto const count = static_cast<std::size_t>(std::min<std::uint64_t>(next.size_, 4));
    for (std::size_t i = 0; i < 4; ++i)
        last[i] = static_cast<char>((next.tail_ >> (8 * i)) & 0xFF);
    keep_tail(std::string_view(last + 4 - count, count));
}

std::uint32_t content_summary::announced_raw_size() const noexcept
{
    return size_ < 4 ? 0 : tail_;
}

inflated_content inflate_and_count(std::vector<std::string_view> const& parts)
{
    inflated_content out;
    line_counter lines(out);
    member_reader reader;
    for (auto const part : parts)
        out.valid = out.valid && reader.add(part, lines);
    out.valid = out.valid && reader.at_end();
    return out;
}

} // namespace kusto::emulator
