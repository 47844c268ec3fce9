#pragma once

#include <cstddef>
#include <functional>
#include <kusto/data_format.hpp>
#include <kusto/error.hpp>
#include <kusto/statistics.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kusto
{

/// A batch that could not be delivered. Refers to memory of the sink: valid during the call only.
class undelivered_batch
{
public:
    undelivered_batch(std::string const& database_, std::string const& table_,
                      std::string source_id_, std::string blob_name_, data_format format_,
                      delivery_counts counts_, failure const& why_,
                      std::vector<std::span<std::byte const>> content_)
        : database(database_),
          table(table_),
          source_id(std::move(source_id_)),
          blob_name(std::move(blob_name_)),
          format(format_),
          counts(counts_),
          why(why_),
          content(std::move(content_))
    {
    }

    std::string const& database;
    std::string const& table;
    std::string source_id; ///< the service's statuses call it `IngestionSourceId`
    std::string blob_name; ///< `{database}__{table}__{source id}.csv.gz`, or `.json.gz`
    data_format format;
    delivery_counts counts;
    /// Why. With `outcome::unknown` the batch, or a part of it, may be in the table all the same.
    failure const& why;
    /// The records as they were to be uploaded: one gzip stream in pieces.
    std::vector<std::span<std::byte const>> content;
};

/// What becomes of batches that cannot be delivered: that were refused for good, or whose
/// `delivery_timeout` passed. Batches that are given up because the sink is closed or destroyed are
/// only reported: to have them handed over or written, give them a `delivery_timeout` that ends
/// before the deadline of `close`.
///
/// \par Thread safety
/// A value type.
class failure_policy
{
public:
    enum class kind
    {
        stop,        ///< the sink stops with the error
        hand_over,   ///< a function of the user's gets the batch
        dead_letter, ///< files in a directory
    };

    using function = std::function<void(undelivered_batch const&)>;

    /// The sink stops: further writes throw `errc::sink_stopped`, batches already sealed are still
    /// delivered, `close` reports.
    [[nodiscard]] static failure_policy stop() { return failure_policy(kind::stop); }

    /// `take` gets the batch, and the sink goes on. Called on a strand of the sink's executor, one
    /// batch of a writer at a time, several writers possibly at once; it should not block. If it
    /// throws, the sink stops. It may be called until the executor's context has stopped or run dry,
    /// also after the sink was destroyed.
    [[nodiscard]] static failure_policy hand_over(function take)
    {
        failure_policy out(kind::hand_over);
        out.take_ = std::move(take);
        return out;
    }

    /// The batch goes to `{directory}/{blob name}`, its description to the same name with `.json`
    /// added, both synchronised to disk before the batch counts as dead-lettered (or as unknown,
    /// when it may be in the table), and the sink goes on. The directory is made at construction of
    /// the sink. A batch that cannot be written stays in memory and is tried again. (When the deadline
    /// of `close` passes while one is being written, the report says failed, and the files may appear
    /// all the same.)
    [[nodiscard]] static failure_policy dead_letter(std::string directory)
    {
        failure_policy out(kind::dead_letter);
        out.directory_ = std::move(directory);
        return out;
    }

    [[nodiscard]] kind what() const noexcept { return kind_; }
    [[nodiscard]] function const& take() const noexcept { return take_; }
    [[nodiscard]] std::string const& directory() const noexcept { return directory_; }

private:
    explicit failure_policy(kind what) : kind_(what) {}

    kind kind_;
    function take_;
    std::string directory_;
};

} // namespace kusto
