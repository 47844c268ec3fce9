#include "gunzip.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <zlib.h>

namespace kusto::emulator::kql
{

namespace
{

constexpr int gzip_only = 15 + 16;

class inflater
{
public:
    inflater() { ready_ = inflateInit2(&stream_, gzip_only) == Z_OK; }
    ~inflater() { inflateEnd(&stream_); }
    inflater(inflater const&) = delete;
    inflater& operator=(inflater const&) = delete;

    /// Appends one member's content and removes the member from `input`.
    bool member(std::string_view& input, std::string& output)
    {
        if (!ready_ || inflateReset(&stream_) != Z_OK)
            return false;
        for (;;)
        {
            auto const part = static_cast<uInt>(
                std::min<std::size_t>(input.size(), std::numeric_limits<uInt>::max()));
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
            stream_.avail_in = part;
            stream_.next_out = buffer_->data();
            stream_.avail_out = static_cast<uInt>(buffer_->size());
            int const code = inflate(&stream_, Z_NO_FLUSH);
            input.remove_prefix(part - stream_.avail_in);
            output.append(reinterpret_cast<char const*>(buffer_->data()),
                          buffer_->size() - stream_.avail_out);
            if (code == Z_STREAM_END)
                return true;
            if (code != Z_OK)
                return false;
        }
    }

private:
    using block = std::array<Bytef, 256 * 1024>;
    z_stream stream_{};
    bool ready_ = false;
    std::unique_ptr<block> buffer_ = std::make_unique<block>();
};

} // namespace

std::optional<std::string> gunzip(std::string_view compressed)
{
    inflater stream;
    std::string output;
    do
        if (!stream.member(compressed, output))
            return std::nullopt;
    while (!compressed.empty());
    return output;
}

} // namespace kusto::emulator::kql
