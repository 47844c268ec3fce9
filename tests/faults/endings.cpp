// How a sink's life ends.
#include "life.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <utility>

namespace kusto::faults
{

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace
{

constexpr milliseconds patience{5000};

} // namespace

void life::end()
{
    switch (what_.end)
    {
    case ending::close:
    case ending::close_twice:
        close();
        break;
    case ending::destroy:
        destroy();
        break;
    case ending::stop_and_destroy:
        io_->stop();
        stop_sampler();
        seen_.last = sink_->statistics();
        writers_.clear();
        sink_.reset();
        service_.reset();
        // With all coroutines that are still under way.
        io_.reset();
        break;
    case ending::stop_and_close:
        io_->stop();
        (void)sink_->statistics();
        io_->start();
        close();
        break;
    }
}

void life::destroy()
{
    stop_sampler();
    seen_.before_destruction = sink_->statistics();
    sink_.reset();
    if (!producers_end(patience))
        violation("a write still waits after the sink was destroyed");
}

bool life::close_once(milliseconds time)
{
    auto const until = deadline::after(time);
    auto first = asio::co_spawn(io_->context(), sink_->close(until), asio::use_future);
    std::optional<std::future<delivery_report>> beside;
    if (what_.end == ending::close_twice)
        beside = asio::co_spawn(io_->context(), sink_->close(deadline::after(2 * time)),
                                asio::use_future);
    auto const limit = until.when() + patience;
    bool back = first.wait_until(limit) == std::future_status::ready;
    back = back && (!beside || beside->wait_until(limit) == std::future_status::ready);
    if (!back)
    {
        violation("close did not return 5 s after its deadline");
        return false;
    }
    try
    {
        reports_.push_back(first.get());
        if (beside)
            reports_.push_back(beside->get());
    }
    catch (std::exception const& e)
    {
        violation(std::string("close threw: ") + e.what());
    }
    return true;
}

void life::close()
{
    bool const closed = close_once(what_.close_after);
    if (closed && !producers_end(patience))
        violation("a write still waits after close");
    if (closed && what_.end == ending::close_twice)
        (void)close_once(what_.close_after);
    wait_for_empty_budget();
    stop_sampler();
    seen_.last = sink_->statistics();
    seen_.closed = closed;
    check_reports_agree();
}

void life::wait_for_empty_budget()
{
    auto const until = clock::now() + patience;
    while (sink_->statistics().budget_bytes != 0 && clock::now() < until)
        std::this_thread::yield();
}

void life::check_reports_agree()
{
    auto const& last = seen_.last->report;
    for (auto const& one : reports_)
        if (one.accepted != last.accepted || one.delivered != last.delivered ||
            one.failed != last.failed || one.unknown != last.unknown ||
            one.dead_lettered != last.dead_lettered)
            violation("a report of close is not the last word");
}

} // namespace kusto::faults
