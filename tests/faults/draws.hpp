#pragma once

// What schedules of sinks and of killed processes both draw.

#include "random.hpp"

#include <cstddef>
#include <cstdint>
#include <kusto/compression.hpp>
#include <kusto/emulator/faults.hpp>
#include <vector>

namespace kusto::faults
{

/// How a sink compresses.
struct compressing
{
    compression how;
    std::uint64_t block_size;
    std::size_t threads;
};

/// Each compressor of this build alike, each of its levels, blocks of 64 KiB to 4 MiB (the smallest
/// more often than the others: few schedules have data enough for several large ones). A seed draws
/// the same in every build with the same compressors.
[[nodiscard]] compressing draw_compressing(dice& random);

/// A connection that breaks at some point of an exchange, or while it is idle.
/// \param favourite  more often than the others
[[nodiscard]] emulator::fault broken_connection(dice& random, emulator::fault const& favourite);

/// Refused with one of `codes`. \param wish  percent of the faults that ask the client to wait,
/// for 5 to 120 ms
[[nodiscard]] emulator::fault refusal(dice& random, std::vector<int> const& codes,
                                      std::uint64_t wish);

/// Whether only a timeout tells the client that something is wrong.
[[nodiscard]] bool nobody_answers(emulator::fault const& rule) noexcept;

} // namespace kusto::faults
