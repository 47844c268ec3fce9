#include <core/batch_accumulator.hpp>

#include <boost/test/unit_test.hpp>
#include <random>

using kusto::data_format;
using kusto::core::batch_accumulator;
using kusto::core::batch_limits;
using kusto::core::seal_reason;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(batch_accumulator_suite)

namespace
{

using reason = std::optional<seal_reason>;
batch_accumulator::time_point const start{};

reason add(batch_accumulator& batch, std::uint64_t size)
{
    return batch.add(size, data_format::csv, start);
}

} // namespace

BOOST_AUTO_TEST_CASE(seals_at_the_number_of_records)
{
    batch_accumulator batch(batch_limits(3, 1000, 1s));
    BOOST_TEST((add(batch, 1) == reason()));
    BOOST_TEST((add(batch, 1) == reason()));
    BOOST_TEST((add(batch, 1) == seal_reason::records));
    BOOST_TEST(batch.records() == 3u);
    batch.seal();
    BOOST_TEST(batch.empty());
    BOOST_TEST((add(batch, 1) == reason()));
}

BOOST_AUTO_TEST_CASE(seals_before_a_record_that_does_not_fit)
{
    batch_accumulator batch(batch_limits(100, 10, 1s));
    BOOST_TEST((batch.before(10, data_format::csv) == reason()));
    BOOST_TEST((add(batch, 6) == reason()));
    BOOST_TEST((batch.before(4, data_format::csv) == reason()));
    BOOST_TEST((batch.before(5, data_format::csv) == seal_reason::bytes));
    BOOST_TEST((add(batch, 4) == seal_reason::bytes));
}

BOOST_AUTO_TEST_CASE(seals_before_another_format)
{
    batch_accumulator batch(batch_limits(100, 1000, 1s));
    BOOST_TEST((batch.before(1, data_format::json) == reason()));
    BOOST_TEST((add(batch, 1) == reason()));
    BOOST_TEST((batch.before(1, data_format::json) == seal_reason::format));
    batch.seal();
    BOOST_TEST((batch.add(1, data_format::json, start) == reason()));
    BOOST_TEST((batch.before(1, data_format::csv) == seal_reason::format));
}

BOOST_AUTO_TEST_CASE(is_due_one_interval_after_its_first_record)
{
    batch_accumulator batch(batch_limits(100, 1000, 30s));
    BOOST_TEST(!batch.due().has_value());
    (void)batch.add(1, data_format::csv, start + 5s);
    (void)batch.add(1, data_format::csv, start + 9s);
    BOOST_TEST((batch.due() == start + 35s));
    batch.seal();
    BOOST_TEST(!batch.due().has_value());
    (void)batch.add(1, data_format::csv, batch_accumulator::time_point::max() - 1s);
    BOOST_TEST((batch.due() == batch_accumulator::time_point::max()));
}

BOOST_AUTO_TEST_CASE(room_that_can_be_expected)
{
    batch_accumulator batch(batch_limits(10, 1000, 1s));
    BOOST_TEST(batch.expected_room(40) == 500u); // ten records, and a quarter more
    BOOST_TEST(batch.expected_room(500) == 1000u);
    BOOST_TEST(batch.expected_room(0) == 0u);
    (void)add(batch, 990);
    BOOST_TEST(batch.expected_room(4) == 10u);
    batch_accumulator huge(batch_limits(std::uint64_t(1) << 32, std::uint64_t(4) << 30, 1s));
    BOOST_TEST(huge.expected_room(std::uint64_t(64) << 20) == std::uint64_t(4) << 30);
}

BOOST_AUTO_TEST_CASE(no_sequence_of_sizes_breaks_a_limit)
{
    for (std::uint32_t seed = 1; seed <= 50; ++seed)
    {
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            std::minstd_rand random(seed);
            std::uint64_t const limit = 1 + random() % 300;
            std::uint64_t const records = 1 + random() % 20;
            batch_accumulator batch(batch_limits(records, limit, 1s));
            std::uint64_t written = 0;
            std::uint64_t sealed = 0;
            for (int i = 0; i < 2000; ++i)
            {
                auto const size = 1 + random() % limit;
                if (batch.before(size, data_format::csv))
                {
                    BOOST_TEST_REQUIRE(!batch.empty());
                    sealed += batch.bytes();
                    batch.seal();
                }
                auto const why = add(batch, size);
                written += size;
                BOOST_TEST_REQUIRE(batch.bytes() <= limit);
                BOOST_TEST_REQUIRE(batch.records() <= records);
                BOOST_TEST_REQUIRE(batch.expected_room(1) <= (std::max)(limit, records + 1));
                if (why)
                {
                    sealed += batch.bytes();
                    batch.seal();
                }
            }
            BOOST_TEST(sealed + batch.bytes() == written);
        }
    }
}

BOOST_AUTO_TEST_CASE(reasons_have_names)
{
    for (std::size_t i = 0; i < kusto::core::seal_reasons; ++i)
        BOOST_TEST(to_string(static_cast<seal_reason>(i)) != "unknown");
}

BOOST_AUTO_TEST_SUITE_END()
