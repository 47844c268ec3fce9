#pragma once

#include <cstdint>
#include <kusto/checkpoint.hpp>
#include <kusto/data_format.hpp>
#include <kusto/statistics.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kusto::core
{

/// A batch file of a checkpoint, as the ledger knows it.
struct sealed_batch
{
    std::string file; ///< name without directory: `batch-{guid}.csv.gz`
    data_format format = data_format::csv;
    std::uint64_t records = 0;
    std::uint64_t raw_bytes = 0;
    std::uint64_t compressed_bytes = 0;
    std::uint32_t crc = 0; ///< CRC-32 of the file

    friend bool operator==(sealed_batch const&, sealed_batch const&) = default;
};

/// A checkpoint as the ledger knows it. Batches are told apart by their index in `batches`.
struct sealed_checkpoint
{
    checkpoint_id id = 0;
    checkpoint_state state = checkpoint_state::sealed;
    /// Attempts to stage it that were begun. The stage of this attempt may exist, none of a later.
    int attempt = 0;
    std::string position;
    std::vector<sealed_batch> batches;

    [[nodiscard]] delivery_counts counts() const noexcept;

    friend bool operator==(sealed_checkpoint const&, sealed_checkpoint const&) = default;
};

} // namespace kusto::core
