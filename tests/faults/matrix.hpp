#pragma once

// One fault at one stage of a batch's way, and what became of the batch.

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <kusto/emulator/cluster.hpp>
#include <kusto/emulator/faults.hpp>
#include <kusto/sink.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::faults
{

/// A row: what goes wrong.
struct trouble
{
    std::string name;
    emulator::fault rule; ///< without route and occurrence
    bool of_ingestion;    ///< concerns queue messages, so there is one stage only
};

/// A column: where it goes wrong.
struct stage_of_delivery
{
    std::string name;
    emulator::fault_route route;
    bool blocks; ///< with a batch of several blocks
    bool polls;  ///< with `poll_for_ingestion_status`
};

/// What became of the batch: `ok`, `twice` (delivered, possibly twice), `failed` (certainly not in
/// the table, given to the failure policy), `unknown` (perhaps in the table), `waits` (tried again
/// and again, or still waiting for an answer), `refused later` (taken by the queue, refused by the
/// ingestion, and no statuses asked for), `wrong` (the table says otherwise).
struct observed_cell
{
    std::string word;
    std::uint64_t requests = 0; ///< requests of the stage, or messages, that the cluster has seen
};

/// What somebody else wants of a run. All of it may be empty.
struct cell_hooks
{
    std::function<void(emulator::cluster&, connection_options&)> prepare;
    /// Gets what `flush` throws, and what `connect`, `query` and `execute` do, which are then
    /// tried.
    std::function<void(std::exception const&)> thrown;
    std::function<void(client&, batching_sink&)> before_close;
    std::string dead_letters;             ///< directory for undelivered batches
    std::chrono::milliseconds patience{}; ///< 0: long enough to tell the words apart
};

[[nodiscard]] std::vector<trouble> all_troubles();
[[nodiscard]] std::vector<stage_of_delivery> all_stages();
[[nodiscard]] stage_of_delivery ingestion_stage();

/// One batch, one fault. \param forever  or else only the first request of the stage is concerned
[[nodiscard]] observed_cell observe(trouble const& what, stage_of_delivery const& where,
                                    bool forever, cell_hooks const& hooks = {});

} // namespace kusto::faults
