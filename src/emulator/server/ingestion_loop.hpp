#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <emulator/data_manager.hpp>
#include <emulator/server/storage.hpp>
#include <mutex>
#include <thread>

namespace kusto::emulator
{

/// The thread of the ingestion service: takes messages out of the ready queues as they come and
/// runs the data manager when a batch is due.
class ingestion_loop
{
public:
    ingestion_loop(storage& source, data_manager& manager);
    ~ingestion_loop();
    ingestion_loop(ingestion_loop const&) = delete;
    ingestion_loop& operator=(ingestion_loop const&) = delete;

    void start();
    void stop();
    /// A message has come; any thread.
    void wake();
    /// Waits until no message is queued, batched or being ingested. \returns false at the limit
    bool wait_until_idle(std::chrono::milliseconds limit);
    [[nodiscard]] std::uint64_t messages() const;

private:
    void run();
    [[nodiscard]] bool idle() const;

    storage& source_;
    data_manager& manager_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool busy_ = false;
    bool stopping_ = false;
    std::uint64_t messages_ = 0;
    std::thread thread_;
};

} // namespace kusto::emulator
