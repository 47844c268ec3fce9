#include <emulator/cluster_session.hpp>

#include <emulator/content_summary.hpp>
#include <random>
#include <zlib.h>

using namespace cluster_test;

namespace
{

std::uint64_t crc_of(std::string const& bytes)
{
    return ::crc32(0, reinterpret_cast<Bytef const*>(bytes.data()),
                   static_cast<uInt>(bytes.size()));
}

std::string gzip(std::string const& text)
{
    z_stream stream{};
    BOOST_REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

std::string random_text(std::size_t size)
{
    std::mt19937 random(7);
    std::string out(size, '\0');
    for (auto& c : out)
        c = static_cast<char>(random());
    return out;
}

/// A table `T` in a cluster that discards, and a client that is signed in.
struct discarding
{
    explicit discarding(discard_mode mode, bool tls = true)
        : local(quick().discard(mode).tls(tls)),
          client((local.execute("NetDefaultDB", ".create table T (a: string)"), local))
    {
        client.sign_in();
        client.find_resources();
    }

    std::string target(std::string const& blob, std::string const& query) const
    {
        return target_of(client.blob_url(blob)) + "&" + query;
    }

    int put_block(std::string const& blob, std::string const& id, std::string const& content)
    {
        auto const to = target(blob, "comp=block&blockid=" + percent_encode(base64_encode(id)));
        return client.store.send("PUT", to, {{"x-ms-version", "2021-12-02"}}, content).status;
    }

    int commit(std::string const& blob, std::vector<std::string> const& ids)
    {
        std::string list = "<BlockList>";
        for (auto const& id : ids)
            list += "<Latest>" + base64_encode(id) + "</Latest>";
        return client.store
            .send("PUT", target(blob, "comp=blocklist"), {{"x-ms-version", "2021-12-02"}},
                  list + "</BlockList>")
            .status;
    }

    discarded_counts ingest(std::string const& blob, std::uint64_t raw)
    {
        BOOST_TEST(client.post(client.message(blob, raw)).status == 201);
        BOOST_REQUIRE(local.wait_until_idle());
        return local.discarded();
    }

    cluster local;
    session client;
};

} // namespace

BOOST_AUTO_TEST_SUITE(discard)

BOOST_AUTO_TEST_CASE(summaries_of_parts_add_up)
{
    std::string const text = random_text(1000);
    for (std::size_t const cut : {0, 1, 2, 3, 4, 5, 500, 997, 998, 999, 1000})
    {
        content_summary all;
        all.add(text);
        content_summary first;
        first.add(std::string_view(text).substr(0, cut));
        content_summary second;
        second.add(std::string_view(text).substr(cut));
        first.add(second);
        BOOST_TEST(first.size() == 1000U);
        BOOST_TEST(first.crc32() == all.crc32());
        BOOST_TEST(first.announced_raw_size() == all.announced_raw_size());
    }
}

BOOST_AUTO_TEST_CASE(inflating_counts_whatever_the_cuts)
{
    std::string const text = "one\ntwo\n\n" + std::string(700'000, 'x') + "\nunfinished";
    auto const sum = crc_of("one\n") + crc_of("two\n") + crc_of("\n") +
                     crc_of(std::string(700'000, 'x') + "\n");
    std::string const packed = gzip(text) + gzip("\n");
    for (std::size_t cut = 0; cut <= packed.size(); cut += 13)
    {
        std::string_view const whole = packed;
        auto const in = inflate_and_count({whole.substr(0, cut), whole.substr(cut)});
        BOOST_REQUIRE(in.valid);
        BOOST_REQUIRE(in.bytes == text.size() + 1);
        BOOST_REQUIRE(in.lines == 5U);
        BOOST_REQUIRE(in.line_sum == sum + crc_of("unfinished\n"));
    }
    BOOST_TEST(!inflate_and_count({std::string_view(packed).substr(0, packed.size() - 1)}).valid);
    BOOST_TEST(!inflate_and_count({"not gzip"}).valid);
    BOOST_TEST(!inflate_and_count({}).valid);
}

BOOST_AUTO_TEST_CASE(a_blob_is_summed_up_and_acknowledged)
{
    for (bool const tls : {true, false})
    {
        discarding here(discard_mode::checksum, tls);
        auto const packed = gzip(random_text(3'000'000));
        BOOST_TEST(here.client.put("b.csv.gz", packed).status == 201);
        auto const seen = here.ingest("b.csv.gz", 3'000'000);
        BOOST_TEST(seen.blobs_put == 1U);
        BOOST_TEST(seen.bytes_put == packed.size());
        BOOST_TEST(seen.blobs == 1U);
        BOOST_TEST(seen.bytes == packed.size());
        BOOST_TEST(seen.raw_bytes == 3'000'000U);
        BOOST_TEST(seen.announced_bytes == 3'000'000U);
        BOOST_TEST(seen.crc_sum == crc_of(packed));
        BOOST_TEST(seen.size_mismatches == 0U);
        BOOST_TEST(seen.pending == 0U);
        BOOST_TEST(here.local.counts().ingested == 1U);
        BOOST_TEST(here.local.scalar("NetDefaultDB", "T | count") == "0");
        auto const get = here.client.store.send("GET", target_of(here.client.blob_url("b.csv.gz")),
                                                {{"x-ms-version", "2021-12-02"}});
        BOOST_TEST(get.status == 501);
    }
}

BOOST_AUTO_TEST_CASE(blocks_are_summed_up_in_the_order_of_the_list)
{
    discarding here(discard_mode::checksum);
    auto const packed = gzip(random_text(600'000));
    auto const half = packed.size() / 2;
    BOOST_TEST(here.put_block("b.csv.gz", "2", packed.substr(half)) == 201);
    BOOST_TEST(here.put_block("b.csv.gz", "1", packed.substr(0, half)) == 201);
    BOOST_TEST(here.put_block("b.csv.gz", "3", "never listed") == 201);
    BOOST_TEST(here.commit("b.csv.gz", {"1", "9"}) == 400);
    BOOST_TEST(here.commit("b.csv.gz", {"1", "2"}) == 201);
    auto const seen = here.ingest("b.csv.gz", 599'999);
    BOOST_TEST(seen.blocks_put == 3U);
    BOOST_TEST(seen.bytes == packed.size());
    BOOST_TEST(seen.crc_sum == crc_of(packed));
    BOOST_TEST(seen.announced_bytes == 600'000U);
    BOOST_TEST(seen.size_mismatches == 1U);
}

BOOST_AUTO_TEST_CASE(inflated_blobs_are_counted_by_line)
{
    discarding here(discard_mode::inflate);
    auto const packed = gzip("one\ntwo\n");
    BOOST_TEST(here.put_block("b.csv.gz", "1", packed.substr(0, 9)) == 201);
    BOOST_TEST(here.put_block("b.csv.gz", "2", packed.substr(9)) == 201);
    BOOST_TEST(here.commit("b.csv.gz", {"1", "2"}) == 201);
    auto const seen = here.ingest("b.csv.gz", 8);
    BOOST_TEST(seen.lines == 2U);
    BOOST_TEST(seen.inflated_bytes == 8U);
    BOOST_TEST(seen.line_sum == crc_of("one\n") + crc_of("two\n"));
    BOOST_TEST(seen.crc_sum == crc_of(packed));
    BOOST_TEST(here.client.put("bad.csv.gz", packed.substr(0, 12)).status == 201);
    auto const after = here.ingest("bad.csv.gz", 8);
    BOOST_TEST(after.blobs == 1U);
    BOOST_TEST(after.failed == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_always_checked_is_checked)
{
    discarding here(discard_mode::checksum);
    auto const url = target_of(here.client.blob_url("b.csv.gz"));
    auto const put = [&](https_client::fields headers, std::string const& to)
    {
        headers.emplace_back("x-ms-version", "2021-12-02");
        return here.client.store.send("PUT", to, headers, "content").status;
    };
    https_client::fields const block{{"x-ms-blob-type", "BlockBlob"}};
    BOOST_TEST(put({}, url) == 400);
    BOOST_TEST(put(block, url.substr(0, url.find("sig="))) == 401);
    BOOST_TEST(put({block[0], {"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}}, url) == 400);
    BOOST_TEST(put({block[0], {"Content-MD5", base64_encode(md5("content"))}}, url) == 201);
    auto message = here.client.message("b.csv.gz", 7);
    message["TableName"] = "Missing";
    BOOST_TEST(here.client.post(message).status == 201);
    BOOST_REQUIRE(here.local.wait_until_idle());
    auto const missing = here.ingest("never put.csv.gz", 7);
    BOOST_TEST(missing.failed == 2U);
    BOOST_TEST(missing.blobs == 0U);
    BOOST_TEST(missing.raw_bytes == 0U);
}

BOOST_AUTO_TEST_CASE(faults_act_on_bodies_that_are_thrown_away)
{
    discarding here(discard_mode::checksum);
    fault_script script;
    script.add(fault::close_mid_body().on(fault_route::put_blob).times(1));
    here.local.set_faults(script);
    BOOST_CHECK_THROW(here.client.put("a.csv.gz", random_text(2'000'000)), std::exception);
    session again(here.local, here.client);
    BOOST_TEST(again.put("b.csv.gz", "12345678").status == 201);
    BOOST_TEST(here.local.discarded().blobs_put == 1U);
    script = fault_script().add(fault::bandwidth(8'000'000).on(fault_route::put_blob));
    here.local.set_faults(script);
    auto const start = std::chrono::steady_clock::now();
    BOOST_TEST(again.put("c.csv.gz", random_text(800'000)).status == 201);
    BOOST_TEST((std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(95)));
}

BOOST_AUTO_TEST_CASE(other_processes_can_read_the_counts)
{
    discarding here(discard_mode::checksum);
    BOOST_TEST(here.client.put("b.csv.gz", "12345678").status == 201);
    (void)here.ingest("b.csv.gz", 8);
    auto const answer = here.client.engine.send("GET", "/admin/discarded");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == to_json(here.local.discarded()));
    auto const counts = json::parse(answer.body).as_object();
    BOOST_TEST(counts.at("bytes").to_number<int>() == 8);
    BOOST_TEST(counts.at("pending").to_number<int>() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
