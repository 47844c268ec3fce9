#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/compression.hpp>
#include <kusto/data_format.hpp>
#include <kusto/options_error.hpp>
#include <kusto/retry_options.hpp>
#include <kusto/undelivered.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kusto
{

/// What the batching sink promises.
enum class delivery_guarantee
{
    none,          ///< failures are counted and dropped
    at_least_once, ///< `flush` and `close` report everything that is not in the service's hands
    exactly_once,  ///< not offered by the batching sink: an option error that names the alternative
};

/// Where records go and how they are batched.
///
/// Names, meaning and defaults are those of the Flink Kusto connector where it has them.
///
/// \par Thread safety
/// A value type.
class write_options
{
public:
    write_options(std::string database, std::string table);

    /// Name of an ingestion mapping that exists in the table; the format it is for. Records of
    /// another format are refused with `errc::invalid_record`. Default: none (CSV by position).
    write_options& ingestion_mapping(std::string name, data_format format = data_format::csv)
    {
        mapping_name_ = std::move(name);
        mapping_format_ = format;
        return *this;
    }
    /// Asks the service to seal its own batch at once. Costs throughput. Default false.
    write_options& flush_immediately(bool value) { flush_immediately_ = value; return *this; }
    /// Longest time from the first record of a batch to its upload. 1 ms to 24 h. Default 30 s.
    write_options& batch_interval(std::chrono::milliseconds value)
    {
        batch_interval_ = value;
        return *this;
    }
    /// Records in a batch at most. 1 to 2^32. Default 1000.
    write_options& batch_size(std::uint64_t value) { batch_size_ = value; return *this; }
    /// Bytes in a batch at most, before compression; batches end between records only, so a larger
    /// record is an error (so is one of more than 64 MB, the service's limit, or half the byte
    /// budget). 1 B to 4 GiB. Default 300 MiB.
    write_options& client_batch_size_limit(std::uint64_t bytes)
    {
        client_batch_size_limit_ = bytes;
        return *this;
    }
    /// Default `at_least_once`.
    write_options& guarantee(delivery_guarantee value) { guarantee_ = value; return *this; }
    /// Number of writers, each with its own strand, batch and compressor. 1 to 1024. Default 1.
    write_options& parallelism(std::size_t value) { parallelism_ = value; return *this; }
    /// Batches that one writer uploads at a time. 1 to 256. Default 4.
    write_options& uploads_in_flight(std::size_t value)
    {
        uploads_in_flight_ = value;
        return *this;
    }
    /// Everything buffered or in flight: raw text, compressed blocks. 1 MiB to 1 TiB, and at least
    /// 64 KiB for each writer. Default 256 MiB. `write` waits and `try_write` refuses beyond it.
    /// Beside it a sink keeps, until it is closed, idle memory for the next batches: 16 MiB of raw
    /// text and 16 MiB of blocks at most (of either an eighth of the budget at most), and a codec of
    /// about 300 KiB for each writer and each thread that compresses (32 at most).
    write_options& byte_budget(std::uint64_t bytes) { byte_budget_ = bytes; return *this; }
    /// Threads that compress. 1 to 1024. Default: number of processors.
    write_options& compression_threads(std::size_t value)
    {
        compression_threads_ = value;
        return *this;
    }
    /// Codec and level. Default `compression::standard()`. With `igzip(0)` raw text takes 3/8 more of
    /// the byte budget than its size.
    write_options& compression(kusto::compression value) { compression_ = value; return *this; }
    /// Size of the blocks of a large upload, compressed. 64 KiB to 100 MiB. Default 4 MiB.
    write_options& block_size(std::uint64_t bytes) { block_size_ = bytes; return *this; }
    /// Extent tag `ingest-by:VALUE` with `ingestIfNotExists` VALUE is not implied; see
    /// `ingest_if_not_exists`. Every distinct tag makes the service batch separately.
    write_options& ingest_by_tag(std::string value)
    {
        ingest_by_tags_.push_back(std::move(value));
        return *this;
    }
    /// Extent tag `drop-by:VALUE`.
    write_options& drop_by_tag(std::string value)
    {
        drop_by_tags_.push_back(std::move(value));
        return *this;
    }
    /// Any other extent tag, as it is.
    write_options& additional_tag(std::string value)
    {
        additional_tags_.push_back(std::move(value));
        return *this;
    }
    /// The service skips a blob when the table has an extent tagged `ingest-by:VALUE`.
    write_options& ingest_if_not_exists(std::string value)
    {
        ingest_if_not_exists_.push_back(std::move(value));
        return *this;
    }
    /// Retries of an upload or a queue post. When they are used up and the trouble may pass, a
    /// batch with guarantee `at_least_once` waits for up to `cap` and is tried again, and so on;
    /// with guarantee `none` it has failed.
    write_options& retry(retry_options value) { retry_ = value; return *this; }
    /// Longest time for delivering one batch, from its sealing, after which it counts as
    /// undeliverable; waiting for the status of its ingestion is not part of it. 1 s to 7 days; 0: no
    /// limit. Default 0: an outage of any length loses nothing, `write` waits when the byte budget is
    /// full.
    write_options& delivery_timeout(std::chrono::milliseconds value)
    {
        delivery_timeout_ = value;
        return *this;
    }
    /// What becomes of a batch that cannot be delivered: refused for good, or `delivery_timeout`
    /// passed. Default `failure_policy::stop()`. With guarantee `none`: counted and dropped.
    write_options& on_permanent_failure(failure_policy value)
    {
        failure_policy_ = std::move(value);
        return *this;
    }
    /// Have the service report on every blob, and count a batch as delivered when it is in the
    /// table. Costs a table entity and polling for each batch: not for many small batches. With
    /// another failure policy than `stop` a batch is kept in memory until its status is known.
    /// Default false.
    write_options& poll_for_ingestion_status(bool value)
    {
        poll_for_ingestion_status_ = value;
        return *this;
    }
    /// Longest wait for the status of a batch, from the queue message on; then its outcome is
    /// unknown, and the sink goes on. 1 s to 24 h; 0: the table's batching time (asked from the service, or else 5 min)
    /// and 5 min more. Default 0.
    write_options& ingestion_status_timeout(std::chrono::milliseconds value)
    {
        ingestion_status_timeout_ = value;
        return *this;
    }

    /// Before the first upload, ask the engine whether the table exists: queued ingestion would
    /// take the data and report a missing table only later. An answer other than "no such table" (no
    /// permission to ask, engine not reachable) is no reason to stop. Switch it off for principals
    /// that may ingest and not see the table. Default true.
    write_options& verify_table(bool value) { verify_table_ = value; return *this; }

    [[nodiscard]] std::string const& database() const noexcept { return database_; }
    [[nodiscard]] std::string const& table() const noexcept { return table_; }
    [[nodiscard]] std::string const& mapping_name() const noexcept { return mapping_name_; }
    [[nodiscard]] data_format mapping_format() const noexcept { return mapping_format_; }
    [[nodiscard]] bool flush_immediately() const noexcept { return flush_immediately_; }
    [[nodiscard]] std::chrono::milliseconds batch_interval() const noexcept
    {
        return batch_interval_;
    }
    [[nodiscard]] std::uint64_t batch_size() const noexcept { return batch_size_; }
    [[nodiscard]] std::uint64_t client_batch_size_limit() const noexcept
    {
        return client_batch_size_limit_;
    }
    [[nodiscard]] delivery_guarantee guarantee() const noexcept { return guarantee_; }
    [[nodiscard]] std::size_t parallelism() const noexcept { return parallelism_; }
    [[nodiscard]] std::size_t uploads_in_flight() const noexcept { return uploads_in_flight_; }
    [[nodiscard]] std::uint64_t byte_budget() const noexcept { return byte_budget_; }
    [[nodiscard]] std::size_t compression_threads() const noexcept { return compression_threads_; }
    [[nodiscard]] kusto::compression compression() const noexcept { return compression_; }
    [[nodiscard]] std::uint64_t block_size() const noexcept { return block_size_; }
    [[nodiscard]] std::vector<std::string> const& ingest_by_tags() const noexcept
    {
        return ingest_by_tags_;
    }
    [[nodiscard]] std::vector<std::string> const& drop_by_tags() const noexcept
    {
        return drop_by_tags_;
    }
    [[nodiscard]] std::vector<std::string> const& additional_tags() const noexcept
    {
        return additional_tags_;
    }
    [[nodiscard]] std::vector<std::string> const& ingest_if_not_exists() const noexcept
    {
        return ingest_if_not_exists_;
    }
    [[nodiscard]] retry_options const& retry() const noexcept { return retry_; }
    [[nodiscard]] std::chrono::milliseconds delivery_timeout() const noexcept
    {
        return delivery_timeout_;
    }
    [[nodiscard]] failure_policy const& on_permanent_failure() const noexcept
    {
        return failure_policy_;
    }
    [[nodiscard]] bool poll_for_ingestion_status() const noexcept
    {
        return poll_for_ingestion_status_;
    }
    [[nodiscard]] std::chrono::milliseconds ingestion_status_timeout() const noexcept
    {
        return ingestion_status_timeout_;
    }
    [[nodiscard]] bool verify_table() const noexcept { return verify_table_; }

    /// Everything that is wrong; empty if nothing is.
    [[nodiscard]] std::vector<option_problem> problems() const;

private:
    std::string database_;
    std::string table_;
    std::string mapping_name_;
    data_format mapping_format_ = data_format::csv;
    bool flush_immediately_ = false;
    std::chrono::milliseconds batch_interval_ = std::chrono::seconds(30);
    std::uint64_t batch_size_ = 1000;
    std::uint64_t client_batch_size_limit_ = 300ull << 20;
    delivery_guarantee guarantee_ = delivery_guarantee::at_least_once;
    std::size_t parallelism_ = 1;
    std::size_t uploads_in_flight_ = 4;
    std::uint64_t byte_budget_ = 256ull << 20;
    std::size_t compression_threads_;
    kusto::compression compression_ = kusto::compression::standard();
    std::uint64_t block_size_ = 4ull << 20;
    std::vector<std::string> ingest_by_tags_;
    std::vector<std::string> drop_by_tags_;
    std::vector<std::string> additional_tags_;
    std::vector<std::string> ingest_if_not_exists_;
    retry_options retry_;
    std::chrono::milliseconds delivery_timeout_{};
    failure_policy failure_policy_ = failure_policy::stop();
    bool poll_for_ingestion_status_ = false;
    std::chrono::milliseconds ingestion_status_timeout_{};
    bool verify_table_ = true;
};

} // namespace kusto
