#include <emulator/server/ingestion_loop.hpp>

#include <algorithm>
#include <emulator/server/thread_name.hpp>

namespace kusto::emulator
{

namespace
{

constexpr std::chrono::minutes longest_sleep(1);
/// Messages posted with a visibility timeout become visible without an event.
constexpr std::chrono::milliseconds hidden_message_poll(100);

} // namespace

ingestion_loop::ingestion_loop(storage& source, data_manager& manager)
    : source_(source),
      manager_(manager)
{
}

ingestion_loop::~ingestion_loop()
{
    stop();
}

void ingestion_loop::start()
{
    thread_ = std::thread(
        [this]
        {
            name_this_thread();
            run();
        });
}

void ingestion_loop::stop()
{
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable())
        thread_.join();
}

void ingestion_loop::wake()
{
    {
        std::lock_guard const lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

void ingestion_loop::run()
{
    std::unique_lock lock(mutex_);
    while (!stopping_)
    {
        woken_ = false;
        busy_ = true;
        lock.unlock();
        auto const taken = source_.take_ready();
        for (auto const& message : taken)
            manager_.submit(message.text, message.inserted);
        auto const now = data_manager::clock::now();
        auto next = std::min(manager_.run_once(now), now + longest_sleep);
        if (source_.waiting() != 0)
            next = std::min(next, now + hidden_message_poll);
        lock.lock();
        busy_ = false;
        messages_ += taken.size();
        changed_.notify_all();
        changed_.wait_until(lock, next, [this] { return woken_ || stopping_; });
    }
}

bool ingestion_loop::idle() const
{
    return !busy_ && !woken_ && source_.waiting() == 0 && manager_.pending() == 0;
}

bool ingestion_loop::wait_until_idle(std::chrono::milliseconds limit)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return idle() || stopping_; }) && idle();
}

std::uint64_t ingestion_loop::messages() const
{
    std::lock_guard const lock(mutex_);
    return messages_;
}

} // namespace kusto::emulator
