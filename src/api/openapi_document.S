/* The bytes of openapi.json in the program; the build gives the path of its folder. */
    .section .rodata
    .globl comity_openapi_begin
    .globl comity_openapi_end
comity_openapi_begin:
    .incbin "openapi.json"
comity_openapi_end:
    .byte 0

    .section .note.GNU-stack,"",%progbits
