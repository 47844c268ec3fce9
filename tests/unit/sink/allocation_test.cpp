#include "sink_fixture.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <new>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace asio = boost::asio;
using namespace kusto;
using namespace kusto::test;

namespace
{

thread_local std::uint64_t allocations = 0;
constexpr std::size_t full_chunk = std::size_t(256) << 10;
std::atomic<int> full_chunks = 0;
constexpr std::size_t large = std::size_t(4) << 10;
/// Allocations of this size that the calling thread may still make.
thread_local int large_left = std::numeric_limits<int>::max();

/// \returns whether there is such memory
bool note(std::size_t size) noexcept
{
    ++allocations;
    if (size == full_chunk)
        ++full_chunks;
    if (size < large || large_left-- > 0)
        return true;
    large_left = 0;
    return false;
}

} // namespace

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZER_HAS_MMAP
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZER_HAS_MMAP
#endif

#if !defined(SANITIZER_HAS_MMAP)
// Large pieces of memory are pages of their own.
extern "C" void* mmap(void* at, std::size_t size, int protection, int flags, int file,
                      off_t offset) noexcept
{
    if (!note(size))
        return MAP_FAILED;
    return reinterpret_cast<void*>(
        ::syscall(SYS_mmap, at, size, protection, flags, file, offset));
}
constexpr bool pages_are_counted = true;
#elif defined(__SANITIZE_ADDRESS__)
constexpr bool pages_are_counted = true; // there are none
#else
constexpr bool pages_are_counted = false;
#endif

void* operator new(std::size_t size)
{
    if (!note(size))
        throw std::bad_alloc();
    if (void* const memory = std::malloc(size != 0 ? size : 1))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

BOOST_AUTO_TEST_SUITE(allocation)

namespace
{

asio::awaitable<std::uint64_t> count_allocations(batching_sink& sink, csv_line record, int writes)
{
    // The thread's buffers, the first chunk and Asio's recycled frames.
    for (int i = 0; i < 10; ++i)
        co_await sink.write(record);
    auto const before = allocations;
    for (int i = 0; i < writes; ++i)
        co_await sink.write(record);
    co_return allocations - before;
}

/// Processor time of the calling thread, so that other processes do not count.
double thread_nanoseconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// \returns nanoseconds for each write
asio::awaitable<double> time_writes(batching_sink& sink, csv_line record, int writes)
{
    auto const before = thread_nanoseconds();
    for (int i = 0; i < writes; ++i)
        co_await sink.write(record);
    co_return (thread_nanoseconds() - before) / writes;
}

double time_try_writes(batching_sink& sink, csv_line record, int writes)
{
    auto const before = thread_nanoseconds();
    for (int i = 0; i < writes; ++i)
        if (!sink.try_write(record))
            throw std::runtime_error("no room");
    return (thread_nanoseconds() - before) / writes;
}

double time_encoding(csv_line record, int writes)
{
    auto const before = thread_nanoseconds();
    for (int i = 0; i < writes; ++i)
        (void)detail::encode_for_sink(record, detail::scratch_buffer());
    return (thread_nanoseconds() - before) / writes;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_write_into_an_open_chunk_allocates_nothing)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, calm_options());
    // 100'000 records of 2 bytes: one chunk.
    BOOST_TEST(threads.run(count_allocations(sink, csv_line("1"), 100000)) == 0u);
    auto const before = allocations;
    for (int i = 0; i < 10000; ++i)
        BOOST_TEST_REQUIRE(sink.try_write(csv_line("1")));
    BOOST_TEST(allocations - before < 100u);
    BOOST_TEST(threads.run(sink.close()).delivered.records == 110010u);
}

namespace
{

struct reading
{
    std::int64_t id = 1;
    double value = 0.5;
    std::string unit = "m";
};

/// \returns allocations of 100'000 records in spans of 100, after the first span
asio::awaitable<std::uint64_t> count_for_spans(batching_sink& sink)
{
    std::vector<reading> const records(100);
    std::uint64_t before = 0;
    for (int i = 0; i <= 1000; ++i)
    {
        std::span<reading const> rest = records;
        co_await sink.write(rest);
        if (i == 0)
            before = allocations;
    }
    co_return allocations - before;
}

asio::awaitable<std::uint64_t> count_for_structs(batching_sink& sink)
{
    reading const record;
    for (int i = 0; i < 10; ++i)
        co_await sink.write(record);
    auto const before = allocations;
    for (int i = 0; i < 100000; ++i)
        co_await sink.write(record);
    co_return allocations - before;
}

} // namespace

// 800'000 bytes are four chunks.
BOOST_AUTO_TEST_CASE(structs_and_spans_cost_allocations_for_chunks_only)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, calm_options());
    BOOST_TEST(threads.run(count_for_structs(sink)) < 200u);
    BOOST_TEST(threads.run(count_for_spans(sink)) < 200u);
    BOOST_TEST(threads.run(sink.close()).accepted.records == 200110u);
}

BOOST_AUTO_TEST_CASE(many_chunks_cost_a_few_allocations_each)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto sink = make_sink(threads.executor(), channel, calm_options());
    auto const text = make_record(1, 100);
    constexpr int writes = 100000;
    auto const counted = threads.run(count_allocations(sink, csv_line(text), writes));
    // 40 chunks; the strand runs on the same thread and counts here too.
    BOOST_TEST(counted < 2000u);
    BOOST_TEST(threads.run(sink.close()).delivered.records == writes + 10u);
}

// Who writes the rest again must write nothing twice.
BOOST_AUTO_TEST_CASE(what_was_accepted_counts_when_memory_runs_out)
{
    if (!pages_are_counted)
        return;
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto const state = sink::make_sink_state(threads.executor(), channel, calm_options());
    batching_sink sink(state);
    std::string const text(999, '1');
    std::vector<detail::encoded_record> const records(
        1000, detail::encoded_record(text, data_format::csv, true));
    std::size_t done = 0;
    {
        large_left = 1;
        sink::spare with;
        BOOST_CHECK_NO_THROW(done = state->submit(detail::any_writer, records, with));
        BOOST_TEST(large_left == 0);
        sink::spare more;
        BOOST_CHECK_THROW((void)state->submit(detail::any_writer, records, more), std::bad_alloc);
        large_left = std::numeric_limits<int>::max();
    }
    BOOST_TEST(done > 0u);
    BOOST_TEST(done < records.size());
    BOOST_TEST(sink.statistics().report.accepted.records == done);
    sink::spare with;
    auto const rest = std::span(records).subspan(done);
    BOOST_TEST(state->submit(detail::any_writer, rest, with) == rest.size());
    BOOST_TEST(threads.run(sink.close()).delivered.records == records.size());
}

BOOST_AUTO_TEST_CASE(memory_of_chunks_serves_again)
{
    if (!pages_are_counted)
        return;
    runtime threads(runtime_kind::four_threads);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.byte_budget(16u << 20).batch_size(30000);
    auto sink = make_sink(threads.executor(), channel, options);
    constexpr int writes = 100000; // of 240 bytes: 92 chunks, more than the budget holds
    threads.run(produce(sink, 0, writes, 240));
    auto const before = full_chunks.load();
    BOOST_TEST(before > 0);
    threads.run(produce(sink, writes, writes, 240));
    // None when freeing and filling alternate; some when a thread gets no processor meanwhile.
    BOOST_TEST(full_chunks - before < 40);
    BOOST_TEST(threads.run(sink.close()).complete());
}

BOOST_AUTO_TEST_CASE(cost_of_a_write)
{
    runtime threads(runtime_kind::one_thread);
    auto const channel = std::make_shared<fake_channel>();
    auto options = calm_options();
    options.byte_budget(512u << 20).compression_threads(1);
    auto sink = make_sink(threads.executor(), channel, options);
    auto const text = make_record(1, 100);
    csv_line const record(text);
    constexpr int writes = 500000;
    (void)threads.run(time_writes(sink, record, 1000));
    auto const awaited = threads.run(time_writes(sink, record, writes));
    auto const tried = time_try_writes(sink, record, writes);
    BOOST_TEST_MESSAGE("a csv_line of 100 bytes: write " << awaited << " ns, try_write " << tried
                                                         << " ns, of which encoding "
                                                         << time_encoding(record, writes) << " ns");
    BOOST_TEST(threads.run(sink.close()).complete());
}

BOOST_AUTO_TEST_SUITE_END()
