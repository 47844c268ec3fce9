#pragma once

#include <kusto/compression.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::test
{

/// Every compressor and level that this build of the library has.
[[nodiscard]] inline std::vector<compression> all_compressions()
{
    std::vector<compression> out{compression::automatic()};
    for (int level = 1; level <= 9; ++level)
        out.push_back(compression::zlib(level));
    for (int level = 0; compression::igzip_available() && level <= 3; ++level)
        out.push_back(compression::igzip(level));
    return out;
}

/// Reads what `to_string` writes. \throws std::invalid_argument for what this build does not have
[[nodiscard]] inline compression compression_named(std::string_view name)
{
    for (auto const& one : all_compressions())
        if (one.to_string() == name)
            return one;
    throw std::invalid_argument("no such compression: " + std::string(name));
}

} // namespace kusto::test
