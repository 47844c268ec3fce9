#include <boost/test/unit_test.hpp>
#include <emulator/server/blob_checks.hpp>
#include <emulator/storage_fixture.hpp>

using namespace kusto::emulator;

namespace
{

std::string block_list(std::vector<std::string> const& ids, std::string const& kind = "Latest")
{
    std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
    for (auto const& id : ids)
        out += "<" + kind + ">" + id + "</" + kind + ">";
    return out + "</BlockList>";
}

struct blob_fixture : storage_fixture
{
    std::string at(std::string const& query = {}) const
    {
        return "/ingest0/b.csv.gz?" + query + (query.empty() ? "" : "&") + container_sas();
    }

    response put(std::string body, std::vector<std::pair<std::string, std::string>> headers = {})
    {
        headers.emplace_back("x-ms-blob-type", "BlockBlob");
        return send("PUT", at(), std::move(body), std::move(headers));
    }

    response put_block(std::string const& id, std::string body,
                       std::vector<std::pair<std::string, std::string>> headers = {})
    {
        return send("PUT", at("comp=block&blockid=" + percent_encode(id)), std::move(body),
                    std::move(headers));
    }

    response commit(std::string body, std::vector<std::pair<std::string, std::string>> headers = {})
    {
        return send("PUT", at("comp=blocklist"), std::move(body), std::move(headers));
    }

    std::string content() { return send("GET", at()).body; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(blobs, blob_fixture)

BOOST_AUTO_TEST_CASE(put_blob_answers_as_the_service)
{
    auto const answer = put("hello world\n", {{"x-ms-client-request-id", "abc"},
                                              {"x-ms-blob-content-type", "application/gzip"},
                                              {"Content-Encoding", "identity"},
                                              {"x-ms-meta-raw", "12"}});
    BOOST_TEST(answer.status == 201);
    BOOST_TEST(answer.headers.get("Content-MD5") == "b1kCrCNwJL3QwXbLkwY9xA==");
    BOOST_TEST(answer.headers.get("x-ms-client-request-id") == "abc");
    BOOST_TEST(answer.headers.has("ETag"));
    BOOST_TEST(answer.headers.has("x-ms-request-id"));
    auto const head = send("HEAD", at());
    BOOST_TEST(head.status == 200);
    BOOST_TEST(head.body.empty());
    BOOST_TEST(head.head_length.value() == 12U);
    BOOST_TEST(head.headers.get("Content-Type") == "application/gzip");
    BOOST_TEST(head.headers.get("Content-Encoding") == "identity");
    BOOST_TEST(head.headers.get("x-ms-meta-raw") == "12");
    BOOST_TEST(content() == "hello world\n");
    BOOST_TEST(store.blobs().counts().blobs_put == 1U);
}

BOOST_AUTO_TEST_CASE(required_headers)
{
    auto const target = at();
    std::pair<std::string, std::string> const version{"x-ms-version", "2021-12-02"};
    std::pair<std::string, std::string> const length{"Content-Length", "1"};
    std::pair<std::string, std::string> const type{"x-ms-blob-type", "BlockBlob"};
    auto const no_version = send_bare("PUT", target, "x", {length, type});
    BOOST_TEST(no_version.status == 400);
    BOOST_TEST(code_of(no_version) == "MissingRequiredHeader");
    BOOST_TEST(no_version.body.find("<HeaderName>x-ms-version</HeaderName>") != std::string::npos);
    BOOST_TEST(code_of(send_bare("PUT", target, "x", {version, length})) ==
               "MissingRequiredHeader");
    auto const chunked = send_bare("PUT", target, "x", {version, type});
    BOOST_TEST(chunked.status == 411);
    BOOST_TEST(code_of(chunked) == "MissingContentLengthHeader");
    BOOST_TEST(code_of(send_bare("PUT", target, "x",
                                 {version, length, {"x-ms-blob-type", "blockblob"}})) ==
               "InvalidHeaderValue");
    for (auto const* bad : {"2021-13-02", "latest", "2099-01-01", "2001-01-01"})
        BOOST_TEST(code_of(send_bare("PUT", target, "x", {{"x-ms-version", bad}, length, type})) ==
                   "InvalidHeaderValue");
    BOOST_TEST(send_bare("PUT", target, "x", {version, length, type}).status == 201);
}

BOOST_AUTO_TEST_CASE(size_limits_follow_the_version)
{
    BOOST_TEST(put_blob_limit("2021-12-02") == 5000 * mebibyte);
    BOOST_TEST(put_blob_limit("2019-12-12") == 5000 * mebibyte);
    BOOST_TEST(put_blob_limit("2019-07-07") == 256 * mebibyte);
    BOOST_TEST(put_blob_limit("2015-04-05") == 64 * mebibyte);
    BOOST_TEST(put_block_limit("2015-04-05") == 4 * mebibyte);
    auto const answer = send_bare(
        "PUT", at("comp=block&blockid=AAAA"), std::string(4 * mebibyte + 1, 'x'),
        {{"x-ms-version", "2015-04-05"}, {"Content-Length", std::to_string(4 * mebibyte + 1)}});
    BOOST_TEST(answer.status == 413);
    BOOST_TEST(code_of(answer) == "RequestBodyTooLarge");
}

BOOST_AUTO_TEST_CASE(checksums)
{
    BOOST_TEST(base64_encode(md5("")) == "1B2M2Y8AsgTpgAmY7PhCfg==");
    BOOST_TEST(base64_encode(md5("hello")) == "XUFAKrxLKna5cZ2REBfFkg==");
    BOOST_TEST(base64_encode(md5("AAAAAAAA")) == "runjjLTUDsJ5RUJWdTm0yA==");
    BOOST_TEST(base64_encode(sha256("")) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    BOOST_TEST(crc64("123456789") == 0xae8b14860a799888U);
    BOOST_TEST(crc64_header(crc64("")) == "AAAAAAAAAAA=");
    BOOST_TEST(crc64_header(crc64("a")) == "PPzLtEWEL4w=");
    BOOST_TEST(crc64_header(crc64("Hello Azure!")) == "DtjZpL9/o8c=");
    BOOST_TEST(crc64_header(crc64("BBBB")) == "bid4wmX8RB8=");
    BOOST_TEST(put("hello", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}).status == 201);
    auto const wrong = put("hellp", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}});
    BOOST_TEST(code_of(wrong) == "Md5Mismatch");
    BOOST_TEST(wrong.body.find("<UserSpecifiedMd5>XUFAKrxLKna5cZ2REBfFkg==") != std::string::npos);
    BOOST_TEST(code_of(put("hello", {{"Content-MD5", "short"}})) == "InvalidMd5");
    BOOST_TEST(put("a", {{"x-ms-content-crc64", "PPzLtEWEL4w="}}).status == 201);
    BOOST_TEST(code_of(put("b", {{"x-ms-content-crc64", "PPzLtEWEL4w="}})) == "Crc64Mismatch");
    BOOST_TEST(code_of(put_block("AAAA", "b", {{"x-ms-content-crc64", "PPzLtEWEL4w="}})) ==
               "Crc64Mismatch");
    BOOST_TEST(code_of(put("a", {{"x-ms-content-crc64", "PPzLtEWEL4w="},
                                 {"Content-MD5", "DMF1ucDxtqgxw5niaXcmYQ=="}})) ==
               "InvalidHeaderValue");
}

BOOST_AUTO_TEST_CASE(blocks_become_a_blob_in_the_order_of_the_list)
{
    BOOST_TEST(put_block("AAAA", "first ").status == 201);
    BOOST_TEST(put_block("AAAB", "second ").status == 201);
    BOOST_TEST(put_block("AAAB", "third ").status == 201);
    BOOST_TEST(send("GET", at()).status == 404);
    auto const listed = send("GET", at("comp=blocklist&blocklisttype=all")).body;
    BOOST_TEST(listed.find("<UncommittedBlocks><Block><Name>AAAA</Name><Size>6</Size></Block>") !=
               std::string::npos);
    BOOST_TEST(commit(block_list({"AAAB", "AAAA"})).status == 201);
    BOOST_TEST(content() == "third first ");
    // A retried commit finds the same ids committed.
    BOOST_TEST(commit(block_list({"AAAB", "AAAA"})).status == 201);
    BOOST_TEST(content() == "third first ");
    BOOST_TEST(commit(block_list({"AAAA"}, "Uncommitted")).status == 400);
    BOOST_TEST(commit(block_list({"AAAA"}, "Committed")).status == 201);
    BOOST_TEST(content() == "first ");
}

BOOST_AUTO_TEST_CASE(block_ids_are_checked)
{
    BOOST_TEST(put_block("AAAA", "x").status == 201);
    BOOST_TEST(code_of(put_block("AAAAAAAA", "x")) == "InvalidBlobOrBlock");
    BOOST_TEST(code_of(put_block("!!!", "x")) == "InvalidQueryParameterValue");
    BOOST_TEST(code_of(put_block("AAA", "x")) == "InvalidQueryParameterValue");
    BOOST_TEST(code_of(put_block("", "x")) == "InvalidQueryParameterValue");
    BOOST_TEST(code_of(put_block(base64_encode(std::string(65, 'i')), "x")) == "OutOfRangeInput");
    BOOST_TEST(code_of(send("PUT", at("comp=block"), "x")) == "MissingRequiredQueryParameter");
    BOOST_TEST(code_of(put_block("AAAB", "")) == "InvalidHeaderValue");
    // A raw '+' in the query is a blank.
    BOOST_TEST(code_of(send("PUT", at("comp=block&blockid=AA+A"), "x")) ==
               "InvalidQueryParameterValue");
    BOOST_TEST(put_block("AA+A", "x").status == 201);
}

BOOST_AUTO_TEST_CASE(block_lists_are_parsed_strictly)
{
    BOOST_TEST(put_block("AAAA", "x").status == 201);
    BOOST_TEST(code_of(commit(block_list({"AAAB"}))) == "InvalidBlockList");
    for (auto const* bad : {"", "<BlockList>", "<BlockList><Latest>AAAA</BlockList>",
                            "<BlockList><Newest>AAAA</Newest></BlockList>", "<Blocks></Blocks>",
                            "<BlockList></BlockList>trailing", "<BlockList>&nope;</BlockList>"})
        BOOST_TEST(code_of(commit(bad)) == "InvalidXmlDocument");
    BOOST_TEST(commit("\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<BlockList>\n<Latest>AAAA</Latest>\n"
                      "</BlockList>\n")
                   .status == 201);
    BOOST_TEST(code_of(commit(block_list(std::vector<std::string>(50001, "AAAA")))) ==
               "BlockListTooLong");
}

BOOST_AUTO_TEST_CASE(conditions)
{
    BOOST_TEST(put("1", {{"If-None-Match", "*"}}).status == 201);
    auto const exists = put("2", {{"If-None-Match", "*"}});
    BOOST_TEST(exists.status == 409);
    BOOST_TEST(code_of(exists) == "BlobAlreadyExists");
    auto const etag = std::string(send("HEAD", at()).headers.get("ETag"));
    BOOST_TEST(put("2", {{"If-Match", "\"0x1\""}}).status == 412);
    BOOST_TEST(send("GET", at(), {}, {{"If-None-Match", etag}}).status == 304);
    BOOST_TEST(put("3", {{"If-Match", etag}}).status == 201);
    BOOST_TEST(content() == "3");
    BOOST_TEST(put_block("AAAA", "4").status == 201);
    BOOST_TEST(code_of(commit(block_list({"AAAA"}), {{"If-None-Match", "*"}})) ==
               "BlobAlreadyExists");
    BOOST_TEST(put("5", {{"If-Unmodified-Since", "Sun, 22 Nov 2026 10:00:00 GMT"}}).status == 412);
    BOOST_TEST(code_of(put("5", {{"If-Unmodified-Since", "yesterday"}})) == "InvalidHeaderValue");
}

BOOST_AUTO_TEST_CASE(a_create_only_signature_cannot_overwrite)
{
    std::vector<std::pair<std::string, std::string>> const headers = {
        {"x-ms-blob-type", "BlockBlob"}};
    auto const target = "/ingest0/new?" + container_sas("c");
    BOOST_TEST(send("PUT", target, "1", headers).status == 201);
    auto const again = send("PUT", target, "1", headers);
    BOOST_TEST(again.status == 403);
    BOOST_TEST(code_of(again) == "UnauthorizedBlobOverwrite");
}

BOOST_AUTO_TEST_CASE(ranges)
{
    BOOST_TEST(put("01234567").status == 201);
    auto const part = send("GET", at(), {}, {{"x-ms-range", "bytes=4-9"}});
    BOOST_TEST(part.status == 206);
    BOOST_TEST(part.body == "4567");
    BOOST_TEST(part.headers.get("Content-Range") == "bytes 4-7/8");
    BOOST_TEST(send("GET", at(), {}, {{"Range", "bytes=2-2"}}).body == "2");
    auto const beyond = send("GET", at(), {}, {{"Range", "bytes=8-"}});
    BOOST_TEST(beyond.status == 416);
    BOOST_TEST(code_of(beyond) == "InvalidRange");
}

BOOST_AUTO_TEST_CASE(missing_things_are_told_apart)
{
    BOOST_TEST(code_of(send("GET", at())) == "BlobNotFound");
    auto const unknown = "/nothere/x?" + sas(storage_service::blob, "nothere", "racw");
    BOOST_TEST(code_of(send("PUT", unknown, "x", {{"x-ms-blob-type", "BlockBlob"}})) ==
               "ContainerNotFound");
    BOOST_TEST(send("DELETE", at()).status == 404);
    BOOST_TEST(put("x").status == 201);
    BOOST_TEST(send("DELETE", at()).status == 202);
    BOOST_TEST(code_of(send("POST", at(), "x")) == "UnsupportedHttpVerb");
    BOOST_TEST(code_of(send("PUT", at("comp=lease"), "x")) == "InvalidQueryParameterValue");
}

BOOST_AUTO_TEST_CASE(names_are_decoded_and_listed)
{
    auto const target = "/ingest0/a%20b%2Bc/d.csv?" + container_sas();
    BOOST_TEST(send("PUT", target, "x", {{"x-ms-blob-type", "BlockBlob"}}).status == 201);
    BOOST_TEST(put("y").status == 201);
    auto const all = send("GET", "/ingest0?restype=container&comp=list&" + container_sas());
    BOOST_TEST(all.status == 200);
    BOOST_TEST(all.body.find("<Name>a b+c/d.csv</Name>") != std::string::npos);
    BOOST_TEST(all.body.find("<Name>b.csv.gz</Name>") != std::string::npos);
    auto const page =
        send("GET", "/ingest0?restype=container&comp=list&maxresults=1&" + container_sas());
    BOOST_TEST(page.body.find("<NextMarker>b.csv.gz</NextMarker>") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(ingested_blobs_are_dropped_oldest_first_when_they_are_many)
{
    auto const size = blob_service::ingested_payload_limit / 2;
    for (auto const* name : {"1", "2", "3"})
    {
        sas_target const target{storage_service::blob, account, "ingest0", name};
        auto const url = "/ingest0/" + std::string(name) + "?" + container_sas();
        BOOST_TEST(
            send("PUT", url, std::string(size, 'x'), {{"x-ms-blob-type", "BlockBlob"}}).status ==
            201);
        store.blobs().mark_ingested(target);
    }
    auto const status = [&](char const* name)
    { return send("HEAD", "/ingest0/" + std::string(name) + "?" + container_sas()).status; };
    BOOST_TEST(status("1") == 404);
    BOOST_TEST(status("2") == 200);
    BOOST_TEST(status("3") == 200);
}

BOOST_AUTO_TEST_SUITE_END()
