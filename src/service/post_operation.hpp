#pragma once

#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <optional>
#include <service/ingest_channel.hpp>
#include <service/resource_manager.hpp>
#include <service/route.hpp>
#include <service/service_context.hpp>
#include <service/storage_exchange.hpp>
#include <string>
#include <wire/ingestion_message.hpp>
#include <wire/storage.hpp>

namespace kusto::service
{

/// The post of one queue message, with its repetitions.
///
/// A definite refusal moves on to another queue. When a message may have arrived although no answer
/// did, `at_least_once` posts it again with the same id and blob; any end but a success is then of
/// unknown outcome, also a definite refusal of the repetition. Nothing is posted for a blob whose
/// address is too old and has no newer signature.
///
/// Lives in one coroutine; everything given by reference outlives it.
class post_operation
{
public:
    post_operation(service_context const& context, resource_manager& resources,
                   write_options const& options, wire::ingestion_message const& common,
                   batch_identity batch, uploaded_blob const& blob, std::uint64_t raw_size,
                   deadline until);

    /// Cancellation: terminal; `cancelled` says then what is known.
    [[nodiscard]] boost::asio::awaitable<result<posted_message>> run();

    /// What a cancelled `run` is reported as: outcome failed if no message can have left.
    [[nodiscard]] failure cancelled() const;

private:
    [[nodiscard]] boost::asio::awaitable<result<void>> begin();
    [[nodiscard]] boost::asio::awaitable<storage_outcome> send();
    [[nodiscard]] std::string message(base::url const& blob) const;
    [[nodiscard]] wire::storage_failure unreadable() const;
    [[nodiscard]] failure final(failure why) const;
    [[nodiscard]] posted_message posted() const;

    service_context const& context_;
    resource_manager& resources_;
    write_options const& options_;
    wire::ingestion_message const& common_;
    batch_identity batch_;
    uploaded_blob const& blob_;
    std::uint64_t raw_size_;
    deadline until_;
    route route_;
    std::optional<base::url> status_table_; // with its signature
    int repeated_ = 0;
    bool maybe_arrived_ = false; // an earlier attempt may be in a queue
    bool under_way_ = false;     // the transport has a message
    bool unsent_ = false;        // and says that no byte of it can have left
};

} // namespace kusto::service
