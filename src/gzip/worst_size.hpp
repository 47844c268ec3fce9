#pragma once

#include <cstdint>
#include <kusto/compression.hpp>

namespace kusto::gzip
{

/// Bytes that `raw` bytes become at most, whatever they are. What is compressed in pieces becomes no
/// more than the sum for its pieces. \param how  `automatic`: any codec that it chooses
[[nodiscard]] inline std::uint64_t worst_size(compression how, std::uint64_t raw) noexcept
{
    // igzip 0 has one table of codes for all data, of 110 bytes, and 11 bits for many a byte.
    if (how == compression::igzip(0))
        return raw + (raw + 7) / 8 * 3 + 192;
    // The others store what does not become shorter: 5 bytes for each 16 KiB, header and trailer.
    return raw + (raw >> 10) + 64;
}

} // namespace kusto::gzip
