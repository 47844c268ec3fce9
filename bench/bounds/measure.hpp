#pragma once

#include <bounds/data.hpp>
#include <bounds/options.hpp>
#include <bounds/server.hpp>
#include <cstdint>
#include <string>

namespace kusto::bounds
{

/// What one measurement has shown.
struct sample
{
    std::string what; ///< as an option names it
    std::size_t threads = 0;
    int repetition = 0;
    std::uint64_t records = 0;
    std::uint64_t batches = 0;
    std::uint64_t raw_bytes = 0;
    std::uint64_t wire_bytes = 0; ///< compressed; 0 where nothing is
    double seconds = 0;
    double client_cpu = 0;         ///< seconds, of this process
    double server_cpu = 0;         ///< seconds; 0 without a server
    std::uint64_t allocations = 0; ///< calls of operator new
};

/// Records of a measurement.
[[nodiscard]] std::uint64_t records_for(options const& use, data const& from);

/// Measures one thing once: its threads make their buffers, codecs and connections ready, then the
/// clock runs until the last of them is through with its batches.
/// \param what  as an option names it
/// \param to  may be null where nothing is put
/// \throws std::runtime_error  also when the server has counted other bytes than were put
[[nodiscard]] sample measure(std::string const& what, options const& use, data const& from,
                             std::size_t threads, server const* to);

/// Compresses a few records and inflates them again.
/// \throws std::runtime_error when something else comes out
void check_codec(options const& use, data const& from);

} // namespace kusto::bounds
