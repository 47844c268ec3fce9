#pragma once

#include <compare>
#include <string>

namespace kusto
{

/// Which library compresses.
enum class compression_codec
{
    automatic, ///< chosen again and again, after what is scarce: processor or network
    zlib,
    igzip, ///< ISA-L: several times as fast as zlib for a slightly larger result
};

/// How batches are compressed. The service reads the output of all of them alike (gzip).
///
/// \par Thread safety
/// A value type.
class compression
{
public:
    /// What is used when nothing is said: `igzip(1)` where the library was built with ISA-L, or
    /// else `zlib(6)`.
    [[nodiscard]] static compression standard() noexcept;

    /// More effort for each byte while compressed data waits for the network, less while the
    /// network waits for the compressor.
    [[nodiscard]] static compression automatic() noexcept
    {
        return compression(compression_codec::automatic, 0);
    }

    /// \param level  1 (fast) to 9 (small)
    [[nodiscard]] static compression zlib(int level = 6) noexcept
    {
        return compression(compression_codec::zlib, level);
    }

    /// \param level  0 (fast) to 3 (small); 0 makes data larger that is not much like text, by up to
    /// 3/8. An option error where the library was built without ISA-L.
    [[nodiscard]] static compression igzip(int level = 1) noexcept
    {
        return compression(compression_codec::igzip, level);
    }

    /// Whether the library was built with ISA-L.
    [[nodiscard]] static bool igzip_available() noexcept;

    [[nodiscard]] compression_codec codec() const noexcept { return codec_; }
    /// 0 for `automatic`.
    [[nodiscard]] int level() const noexcept { return level_; }

    /// `automatic`, `zlib 6`, `igzip 1`
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(compression const&, compression const&) = default;

private:
    compression(compression_codec codec, int level) noexcept : codec_(codec), level_(level) {}

    compression_codec codec_;
    int level_;
};

} // namespace kusto
