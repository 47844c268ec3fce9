#pragma once

#include <cstdint>
#include <deque>
#include <emulator/server/storage_call.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Queues in memory: Put, Get, Peek, Update, Delete Message, metadata.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class queue_service
{
public:
    /// A message out of its queue.
    struct taken
    {
        std::string text;
        system_time inserted{};
    };

    /// \param on_message  called, without a lock held, after a message was stored
    explicit queue_service(std::function<void()> on_message = {});

    void create_queue(std::string const& account, std::string const& name);
    [[nodiscard]] bool has_queue(std::string const& account, std::string const& name) const;

    [[nodiscard]] sas_need need(storage_call const& call) const;
    /// \throws storage_error
    response handle(storage_call& call);

    /// Stores a message from inside the cluster (notifications).
    void put(std::string const& account, std::string const& name, std::string text,
             system_time now);
    /// Takes every visible message of a queue out of it for good: the ingestion service's way.
    [[nodiscard]] std::vector<taken> take_visible(std::string const& account,
                                                  std::string const& name, system_time now);
    /// Messages in a queue, visible or not.
    [[nodiscard]] std::size_t size(std::string const& account, std::string const& name) const;

private:
    struct message
    {
        std::string id;
        std::string text;
        std::string receipt;
        system_time inserted{};
        system_time expires{};
        system_time visible{};
        std::int64_t dequeue_count = 0;
    };

    using queue_key = std::pair<std::string, std::string>;
    using queue = std::deque<message>;

    response put_message(storage_call& call);
    response get_messages(storage_call const& call);
    response delete_message(storage_call const& call);
    response update_message(storage_call& call);
    response metadata(storage_call const& call);
    queue& find_queue(storage_call const& call);
    message& find_message(queue& from, storage_call const& call);

    mutable std::mutex mutex_;
    std::map<queue_key, queue> queues_;
    std::function<void()> on_message_;
};

} // namespace kusto::emulator
