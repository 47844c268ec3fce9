#include <telemetry/sink_metrics.hpp>

#include <telemetry/metric_page.hpp>

namespace kusto::telemetry
{

namespace
{

using statistics = write_ahead_statistics;

constexpr count_family<statistics> count_families[] = {
    {"kusto_sink_checkpoint_sealed_records_total", counter, "Records in checkpoints sealed.",
     &statistics::sealed, &delivery_counts::records},
    {"kusto_sink_checkpoint_sealed_bytes_total", counter,
     "Bytes in checkpoints sealed, before compression.", &statistics::sealed,
     &delivery_counts::bytes},
    {"kusto_sink_checkpoint_sealed_batches_total", counter, "Batches in checkpoints sealed.",
     &statistics::sealed, &delivery_counts::blobs},
    {"kusto_sink_checkpoint_committed_records_total", counter, "Records in checkpoints committed.",
     &statistics::committed, &delivery_counts::records},
    {"kusto_sink_checkpoint_committed_bytes_total", counter,
     "Bytes in checkpoints committed, before compression.", &statistics::committed,
     &delivery_counts::bytes},
    {"kusto_sink_checkpoint_committed_batches_total", counter, "Batches in checkpoints committed.",
     &statistics::committed, &delivery_counts::blobs},
    {"kusto_sink_checkpoint_pending_records", gauge,
     "Records in checkpoints sealed and not committed.", &statistics::pending,
     &delivery_counts::records},
    {"kusto_sink_checkpoint_pending_bytes", gauge,
     "Bytes in checkpoints sealed and not committed, before compression.", &statistics::pending,
     &delivery_counts::bytes},
    {"kusto_sink_checkpoint_pending_batches", gauge,
     "Batches in checkpoints sealed and not committed.", &statistics::pending,
     &delivery_counts::blobs},
};

constexpr number_family<statistics> number_families[] = {
    {"kusto_sink_checkpoints_sealed_total", counter, "Checkpoints sealed.",
     &statistics::checkpoints_sealed},
    {"kusto_sink_checkpoints_committed_total", counter,
     "Checkpoints committed, those of earlier runs included.", &statistics::checkpoints_committed},
    {"kusto_sink_checkpoint_backlog_bytes", gauge,
     "Bytes of the batch files on the local disk, those of the open checkpoint included.",
     &statistics::backlog_bytes},
    {"kusto_sink_checkpoint_stages_abandoned_total", counter,
     "Attempts to stage a checkpoint that ended without a move.", &statistics::stages_abandoned},
    {"kusto_sink_checkpoint_repeated_posts_total", counter,
     "Batches of checkpoints whose ingestion was asked for again after their deadline.",
     &statistics::repeated_posts},
    {"kusto_sink_checkpoint_duplicates_total", counter, "Batches seen twice in the table.",
     &statistics::duplicates},
};

constexpr histogram_family<statistics> histogram_families[] = {
    {"kusto_sink_checkpoint_seal_seconds", "Time from the call of a checkpoint to its durability.",
     &statistics::seal, millisecond, hour},
    {"kusto_sink_checkpoint_commit_seconds", "Time to bring a checkpoint into the table.",
     &statistics::commit, millisecond, hour},
};

} // namespace

void add_checkpoint_metrics(metric_page& page, labelled_list<write_ahead_statistics> const& sinks)
{
    for (auto const& family : count_families)
        page.add(family, sinks);
    for (auto const& family : number_families)
        page.add(family, sinks);
    page.add_age("kusto_sink_checkpoint_oldest_uncommitted_seconds",
                 "Age of the oldest checkpoint sealed and not committed; 0 if none.",
                 &statistics::oldest_uncommitted, sinks);
    page.add_trouble("kusto_sink_checkpoint_trouble",
                     "1 while committing waits for trouble of this kind to pass.", sinks);
    for (auto const& family : histogram_families)
        page.add(family, sinks);
}

} // namespace kusto::telemetry
