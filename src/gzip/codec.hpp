#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace kusto::gzip
{

/// Writes one gzip member into whatever room it is given. Not thread-safe; may move between threads.
class codec
{
public:
    enum class progress
    {
        more,  ///< it wants input, or room
        ended, ///< the member is complete
    };

    codec() = default;
    codec(codec const&) = delete;
    codec& operator=(codec const&) = delete;
    virtual ~codec() = default;

    /// Goes on until `input` or `room` is used up. Both become what is left of them.
    /// \param last  nothing follows `input`; to be repeated until `ended`
    /// \pre `room` is not empty; neither is larger than 1 GiB
    [[nodiscard]] virtual progress step(std::span<std::byte const>& input,
                                        std::span<std::byte>& room, bool last) = 0;
    /// Ready for another member; keeps its memory.
    virtual void reset() = 0;
    /// Bytes that may still come out, at most, for what went in.
    [[nodiscard]] virtual std::size_t held_back() const noexcept = 0;
};

/// \param level  1 to 9  \throws std::logic_error for another one
[[nodiscard]] std::unique_ptr<codec> make_zlib_codec(int level);
/// \param level  0 to 3  \throws std::logic_error for another one, or when built without ISA-L
[[nodiscard]] std::unique_ptr<codec> make_igzip_codec(int level);

} // namespace kusto::gzip
