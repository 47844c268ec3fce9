#include <base/raw_memory.hpp>
#include <boost/test/unit_test.hpp>
#include <new>
#include <utility>
#include <vector>

namespace kusto::base
{

BOOST_AUTO_TEST_SUITE(raw_memory_suite)

BOOST_AUTO_TEST_CASE(all_of_it_can_be_written_whatever_the_size)
{
    constexpr std::size_t kib = 1024;
    for (std::size_t const size : {std::size_t(1), std::size_t(4095), 64 * kib - 1, 64 * kib,
                                   64 * kib + 1, 256 * kib, 4096 * kib})
    {
        auto memory = allocate_raw(size);
        memory.get()[0] = std::byte(1);
        memory.get()[size - 1] = std::byte(2);
        auto const moved = std::move(memory);
        BOOST_TEST(!memory);
        BOOST_TEST((moved.get()[size - 1] == std::byte(2)));
    }
}

BOOST_AUTO_TEST_CASE(memory_moves_over_other_memory_of_another_kind)
{
    std::vector<raw_memory> all;
    for (std::size_t size = 1024; size <= (std::size_t(1) << 20); size *= 4)
        all.push_back(allocate_raw(size));
    all.front() = std::move(all.back());
    BOOST_TEST(all.front().get_deleter().size == (std::size_t(1) << 20));
}

#if !defined(__SANITIZE_ADDRESS__)
// The sanitizer ends the program instead.
BOOST_AUTO_TEST_CASE(more_than_there_is_throws)
{
    BOOST_CHECK_THROW((void)allocate_raw(std::size_t(1) << 60), std::bad_alloc);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::base
