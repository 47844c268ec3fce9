#include <bounds/measure.hpp>

#include <bounds/workers.hpp>
#include <chrono>
#include <cli/process_measures.hpp>
#include <cstring>
#include <exception>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>
#include <zlib.h>

namespace kusto::bounds
{

namespace
{

using clock = std::chrono::steady_clock;

// Compressed batches are put in so little time that a few tell nothing.
constexpr std::uint64_t fewest_puts = 40;

/// The clock and the counters at one moment.
struct reading
{
    clock::time_point time;
    double client_cpu = 0;
    double server_cpu = 0;
    std::uint64_t allocations = 0;
};

// Reading the server's counter takes memory and time, so it is done outside of the interval that
// is measured by the others.
reading read_before(server const* to)
{
    reading out;
    out.server_cpu = to == nullptr ? 0 : to->cpu_seconds();
    out.allocations = cli::allocations();
    out.client_cpu = cli::process_cpu_seconds();
    out.time = clock::now();
    return out;
}

reading read_after(server const* to)
{
    reading out;
    out.time = clock::now();
    out.client_cpu = cli::process_cpu_seconds();
    out.allocations = cli::allocations();
    out.server_cpu = to == nullptr ? 0 : to->cpu_seconds();
    return out;
}

void note_difference(reading const& before, reading const& after, sample& into)
{
    into.seconds = std::chrono::duration<double>(after.time - before.time).count();
    into.client_cpu = after.client_cpu - before.client_cpu;
    into.server_cpu = after.server_cpu - before.server_cpu;
    into.allocations = after.allocations - before.allocations;
}

/// The threads of one measurement, and where they wait for each other: workers are made before
/// the clock starts and destroyed after it has stopped.
class team
{
public:
    team(std::string const& what, work const& of, std::size_t threads)
        : ready_(static_cast<std::ptrdiff_t>(threads)),
          through_(static_cast<std::ptrdiff_t>(threads)),
          parts_(threads)
    {
        for (std::size_t i = 0; i < threads; ++i)
            threads_.emplace_back([this, what, of, i] { run(what, of, i); });
    }

    void measure(server const* to, sample& into)
    {
        ready_.wait();
        auto const before = read_before(to);
        start_.count_down();
        through_.wait();
        auto const after = read_after(to);
        release_.count_down();
        for (auto& thread : threads_)
            thread.join();
        if (failure_)
            std::rethrow_exception(failure_);
        note_difference(before, after, into);
        for (auto const& part : parts_)
        {
            into.records += part.records;
            into.batches += part.batches;
            into.raw_bytes += part.raw_bytes;
            into.wire_bytes += part.wire_bytes;
        }
    }

private:
    void run(std::string const& what, work const& of, std::size_t index) noexcept
    {
        std::unique_ptr<worker> mine;
        guarded([&] { mine = make_worker(what, of); });
        ready_.count_down();
        start_.wait();
        if (mine)
            guarded([&] { parts_[index] = mine->run(); });
        through_.count_down();
        release_.wait();
    }

    template <class F>
    void guarded(F&& act) noexcept
    {
        try
        {
            act();
        }
        catch (...)
        {
            std::lock_guard const lock(mutex_);
            failure_ = std::current_exception();
        }
    }

    std::latch ready_;
    std::latch start_{1};
    std::latch through_;
    std::latch release_{1};
    std::mutex mutex_;
    std::exception_ptr failure_;
    std::vector<worker::done> parts_;
    std::vector<std::thread> threads_;
};

} // namespace

std::uint64_t records_for(options const& use, data const& from)
{
    if (use.bytes == 0)
        return use.records;
    return static_cast<std::uint64_t>(static_cast<double>(use.bytes) / from.bytes_per_record()) + 1;
}

sample measure(std::string const& what, options const& use, data const& from, std::size_t threads,
               server const* to)
{
    sample out;
    out.what = what;
    out.threads = threads;
    auto const records = records_for(use, from);
    batches share(from, what == "put" ? std::max(records, fewest_puts * use.batch_size) : records,
                  use.batch_size);
    bool const puts = what == "put" || what == "straight";
    auto const* const target = puts ? to : nullptr;
    auto const put_before = target == nullptr ? 0 : target->discarded().bytes_put;
    work const of{from, share, use.how(), target == nullptr ? nullptr : &target->storage()};
    team(what, of, threads).measure(target, out);
    if (target != nullptr && target->discarded().bytes_put - put_before != out.wire_bytes)
        throw std::runtime_error("the server has counted other bytes than were put");
    return out;
}

void check_codec(options const& use, data const& from)
{
    constexpr std::uint64_t records = 3'000;
    batches share(from, records, records);
    auto const all = share.largest();
    std::vector<std::byte> packed(room_for(all.bytes));
    std::vector<std::byte> unpacked(all.bytes + 1);
    auto const codec = make_codec(use.how());
    codec->begin(packed);
    for_each_piece(from, all, [&](std::span<std::byte const> piece) { codec->add(piece); });
    z_stream stream{};
    stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(codec->end());
    stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
    stream.avail_out = static_cast<uInt>(unpacked.size());
    bool good = inflateInit2(&stream, 15 + 16) == Z_OK &&
                inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == all.bytes;
    inflateEnd(&stream);
    auto const* at = unpacked.data();
    for (std::uint64_t i = 0; i < records && good; ++i)
    {
        auto const line = from.line(i);
        good = std::memcmp(at, line.data(), line.size()) == 0 && at[line.size()] == std::byte('\n');
        at += line.size() + 1;
    }
    if (!good)
        throw std::runtime_error("what is inflated is not what was compressed");
}

} // namespace kusto::bounds
