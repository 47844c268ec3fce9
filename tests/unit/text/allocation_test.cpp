#include <boost/test/unit_test.hpp>

#include <atomic>
#include <boost/describe.hpp>
#include <cstdlib>
#include <kusto/record.hpp>
#include <map>
#include <new>

namespace
{

std::atomic<std::uint64_t> allocations = 0;

struct telemetry
{
    std::chrono::system_clock::time_point when;
    std::string host;
    double load = 0;
    std::optional<std::int64_t> rss;
    kusto::guid id;
    kusto::decimal cost;
    std::chrono::milliseconds took{};
    std::vector<std::string> labels;
    std::map<std::string, double> counters;
};
BOOST_DESCRIBE_STRUCT(telemetry, (), (when, host, load, rss, id, cost, took, labels, counters))

struct plain
{
    int a;
    std::string b;
    float c;
};

/// Allocations of encoding the record a thousand times, after the first time.
template <class R>
std::uint64_t allocations_of(R const& record)
{
    kusto::record_buffer out;
    (void)kusto::encode_record(record, out);
    auto const before = allocations.load();
    for (int i = 0; i < 1000; ++i)
    {
        out.clear();
        (void)kusto::encode_record(record, out);
    }
    return allocations.load() - before;
}

} // namespace

void* operator new(std::size_t size)
{
    ++allocations;
    if (void* const memory = std::malloc(size == 0 ? 1 : size))
        return memory;
    throw std::bad_alloc();
}
void* operator new[](std::size_t size)
{
    return operator new(size);
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(the_counter_counts)
{
    auto const before = allocations.load();
    delete new int(1);
    kusto::record_buffer out;
    out.push_back('x');
    BOOST_TEST(allocations.load() - before >= 2u);
}

BOOST_AUTO_TEST_CASE(encoding_does_not_allocate)
{
    telemetry t;
    t.host = "a host, with \"quotes\" and \xc3\xa4 in a name that is not short";
    t.load = 0.123456789012345;
    t.cost = kusto::decimal::parse("123456789012345678901234.5678");
    t.labels = {"one label that does not fit into a small string", "two\n"};
    t.counters = {{"a", 1e300}, {"a longer key that is not a small string", -0.0}};
    BOOST_TEST(allocations_of(t) == 0u);
    BOOST_TEST(allocations_of(kusto::as_json(t)) == 0u);
    plain const p{1, "some text that is longer than a small string, quoted", 1.5f};
    BOOST_TEST(allocations_of(p) == 0u);
    kusto::row const r(1, "some text that is longer than a small string", 2.5, kusto::null,
                       kusto::dynamic::parse("{\"k\":[1,2,3]}"), t.when, t.took, t.id, t.cost);
    BOOST_TEST(allocations_of(r) == 0u);
    BOOST_TEST(allocations_of(std::tuple(1, "x", std::string_view("y,z"))) == 0u);
    BOOST_TEST(allocations_of(kusto::csv_line("1,\"a\"\"b\",\xc3\xa4\n")) == 0u);
    BOOST_TEST(allocations_of(kusto::json_line("{\"a\":[1,2,{\"b\":\"\\u00e4\"}]}")) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
